/* SPDX-License-Identifier: MIT */
/*
 * Numbers and sizes as people write them.
 */
#ifndef UTIL_SIZE_H
#define UTIL_SIZE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parse a size in bytes: decimal digits with an optional suffix b, k, M, G,
 * T, P or E (powers of 1024, either case) or s (512-byte sectors).
 * Returns 0, -EINVAL (not a size) or -ERANGE (does not fit).
 */
int size_parse(const char *text, uint64_t *bytes);

/* Parse a plain decimal number of at most max. 0, -EINVAL or -ERANGE. */
int number_parse(const char *text, uint64_t max, uint64_t *value);

/*
 * Write bytes as people read it ("512", "64K", "1.5G") into buf; returns buf.
 * Exact multiples lose nothing; others are rounded to one decimal.
 */
#define SIZE_TEXT_LEN 16
char *size_format(uint64_t bytes, char buf[SIZE_TEXT_LEN]);

#endif
