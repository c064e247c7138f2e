/* SPDX-License-Identifier: MIT */
/*
 * What blkio_get_error_msg() shows: the calling thread's last error. Only
 * public entry points set it, and only when they fail.
 */
#ifndef LIBBLKIO_ERROR_MSG_H
#define LIBBLKIO_ERROR_MSG_H

#include "util/err.h"

/* Show err's text when ret is an error; returns ret. */
int error_msg_result(int ret, const struct err *err);

/* Show the formatted text; returns -errnum. */
int error_msg_set(int errnum, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
