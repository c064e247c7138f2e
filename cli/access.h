/* SPDX-License-Identifier: MIT */
/*
 * Mode and owner of socket files, as a user typed them.
 *
 * Threads: main only (user and group databases).
 */
#ifndef CLI_ACCESS_H
#define CLI_ACCESS_H

#include "export/listen.h"

#define ACCESS_INIT                                                        \
	{                                                                  \
		.mode = (mode_t)-1, .owner = (uid_t)-1, .group = (gid_t)-1 \
	}

/* Octal digits, at most 777. -EINVAL */
int access_parse_mode(const char *text, struct listener_access *access,
		      struct err *err);

/* USER, USER:GROUP or :GROUP, names or numbers. -EINVAL: there is no such. */
int access_parse_owner(const char *text, struct listener_access *access,
		       struct err *err);

#endif
