/* SPDX-License-Identifier: MIT */
/*
 * Going to the background.
 *
 * The fork comes first, before threads and rings exist. The parent waits: it
 * ends with 0 when the child says that it serves, and with the child's exit
 * status when the child ends before that. Until then the child has the
 * parent's stderr for its errors.
 *
 * Threads: before any other thread is made; daemon_ready() on the main one.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "util/err.h"

struct daemon {
	int ready_fd; /* the parent waits at its other end; -1: no daemon */
};

#define DAEMON_INIT            \
	{                      \
		.ready_fd = -1 \
	}

/*
 * Fork. In the child: 0. In the parent: 1 with the status to exit with in
 * *status. -errno when there is no child.
 */
int daemon_fork(struct daemon *daemon, int *status, struct err *err);

/*
 * Let go of the directory and of stdin, stdout and stderr; release the
 * parent. With log_fd not -1, stderr becomes that one. Without a fork nothing
 * else is done. 0 or -errno.
 */
int daemon_ready(struct daemon *daemon, int log_fd, struct err *err);

/* path as seen from any directory, malloc'ed; NULL: no memory or no cwd */
char *path_absolute(const char *path);

#endif
