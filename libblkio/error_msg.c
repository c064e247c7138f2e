/* SPDX-License-Identifier: MIT */
/*
 * The thread-local error text: 255 bytes and a NUL, longer text is cut.
 * The two functions with a trailing underscore are exported because the
 * library that this one stands in for exports them.
 */
#include "libblkio/error_msg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libblkio/api.h"

static _Thread_local char error_text[256];

BLKIO_PUBLIC const char *blkio_get_error_msg(void)
{
	return error_text;
}

BLKIO_PUBLIC const char *blkio_get_error_msg_(void)
{
	return error_text;
}

/* len bytes, not NUL-terminated */
BLKIO_PUBLIC void blkio_set_error_msg_(const char *text, size_t len)
{
	len = MIN(len, sizeof(error_text) - 1);
	memcpy(error_text, text, len);
	error_text[len] = '\0';
}

int error_msg_result(int ret, const struct err *err)
{
	if (ret < 0)
		blkio_set_error_msg_(err->text, strlen(err->text));
	return ret;
}

int error_msg_set(int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
	return -errnum;
}
