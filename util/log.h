/* SPDX-License-Identifier: MIT */
/*
 * One line a message on stderr, for the command and its servers. Each line
 * is written with one write(2), so lines of several threads don't mix.
 * libblkio and the block layer never log: they return errors with text
 * (err.h). Thread rule: a struct log is set up once and only read after.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include "util/compiler.h"

enum log_level {
	LOG_ERROR, /* something was lost or refused */
	LOG_INFO,  /* worth a line in a service's journal */
	LOG_DEBUG, /* every connection and negotiation step */
};

struct log {
	const char *prefix; /* put in front of each line, e.g. "sluice serve" */
	enum log_level level; /* lines above this level are dropped */
};

/* Write "PREFIX: TEXT\n"; text beyond about 1000 bytes is cut. */
void log_write(const struct log *log, enum log_level level, const char *fmt,
	       ...) PRINTF_LIKE(3, 4);

#endif
