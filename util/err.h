/* SPDX-License-Identifier: MIT */
/*
 * Error text. A function that a person may have to diagnose takes a struct
 * err last and fills it once, where the fault is seen; callers pass it on.
 * Text = operation, object, value seen, value wanted. No allocation, so that
 * "out of memory" can be told as well. A NULL err is allowed everywhere.
 */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

#include "util/compiler.h"

struct err {
	char text[256]; /* NUL-terminated, cut when longer */
};

#define ERR_INIT           \
	{                  \
		.text = "" \
	}

/* Fill err with the formatted text; returns -errnum for "return err_set()". */
int err_set(struct err *err, int errnum, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* As err_set(), with ": " and the system's text for errnum added. */
int err_sys(struct err *err, int errnum, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* Put the formatted text in front of what err says already. */
void err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
