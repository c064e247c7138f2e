/* SPDX-License-Identifier: MIT */
/*
 * Results on stdout: JSON for programs, figures for people.
 *
 * Threads: main only.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>
#include <stdint.h>

#include "util/size.h"

/*
 * Print object on stdout, one document, and drop it. NULL, or an object that
 * lacks what found no memory, never comes out: 0 or -ENOMEM.
 */
int json_print(json_t *object);

/* Numbers that fit no signed 64-bit integer become real ones. */
json_t *json_uint64(uint64_t value);

/* A string for people to read: bytes that are not UTF-8 become '?'. */
json_t *json_text(const char *text);

/* bytes in ns as bytes a second, 0 when no time has passed */
uint64_t bytes_per_second(uint64_t bytes, int64_t ns);

#endif
