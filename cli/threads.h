/* SPDX-License-Identifier: MIT */
/*
 * The loops of a verb that uses several threads.
 *
 * Threads: main only.
 */
#ifndef CLI_THREADS_H
#define CLI_THREADS_H

#include "loop/loop.h"

/*
 * Start threads 1 to nr - 1 and note their loops; loops[0] is the caller's.
 * Entries of threads that were not started are left alone, so zeroed arrays
 * can be given to threads_stop() after a failure, too. 0 or -errno.
 */
int threads_start(struct loop **loops, struct loop_thread **threads,
		  unsigned nr, struct err *err);

void threads_stop(struct loop_thread **threads, unsigned nr);

#endif
