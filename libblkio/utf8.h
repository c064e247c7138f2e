/* SPDX-License-Identifier: MIT */
/* The API takes text as UTF-8 and refuses anything else. */
#ifndef LIBBLKIO_UTF8_H
#define LIBBLKIO_UTF8_H

#include <stdbool.h>

/* s is not NULL and well-formed UTF-8 (Unicode 15, table 3-7). */
bool utf8_valid(const char *s);

#endif
