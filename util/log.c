/* SPDX-License-Identifier: MIT */
/*
 * Log lines: see log.h.
 */
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_write(const struct log *log, enum log_level level, const char *fmt,
	       ...)
{
	const int room = 1024 - 1; /* one byte is kept for the newline */
	char line[1024];
	va_list ap;
	int used;

	if (level > log->level)
		return;
	used = snprintf(line, (size_t)room, "%s: ", log->prefix);
	used = MIN(used, room - 1);
	va_start(ap, fmt);
	used += vsnprintf(line + used, (size_t)(room - used), fmt, ap);
	va_end(ap);
	used = MIN(used, room - 1);
	line[used++] = '\n';
	/* nothing better to do when stderr is gone */
	if (write(STDERR_FILENO, line, (size_t)used) < 0)
		return;
}
