/* SPDX-License-Identifier: MIT */
/*
 * The pid file: the server's process id, and the lock that tells others it
 * is in use.
 *
 * Threads: main only, after the fork.
 */
#ifndef CLI_PID_FILE_H
#define CLI_PID_FILE_H

#include "util/err.h"

struct pid_file {
	char *path; /* absolute; the caller's */
	int fd;	    /* holds the lock; -1: not claimed */
};

/*
 * Open or make file->path, lock it and write our process id. Nothing is
 * changed in a file that is refused:
 *   -EEXIST   not a regular file, or it holds something else than a number
 *   -EBUSY    another process has it
 *   other     from open(2), write(2) ...; a file that was made is removed
 */
int pid_file_claim(struct pid_file *file, struct err *err);

/* Remove what was claimed, unless its path leads elsewhere by now. No-op
 * when nothing is claimed. */
void pid_file_remove(struct pid_file *file);

#endif
