/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM and SIGHUP as events of a loop.
 *
 * interrupt_start() blocks them in the calling thread, so it comes before
 * other threads are made: they inherit the mask. A SIGHUP that the parent
 * had ignored (nohup) stays ignored. Some parents, timeout(1) among them,
 * send each signal twice: what follows the first within half a second is
 * taken for the same.
 *
 * Threads: the loop's own.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "loop/loop.h"

struct interrupt {
	/* Called from the loop for each signal; times is 1 for the first. */
	void (*fire)(struct interrupt *interrupt, int signo, unsigned times);
	unsigned times;
	int64_t first_ns; /* when the first came */
	struct loop_fd handler;
};

/* 0, or -errno of signalfd(2) */
int interrupt_start(struct interrupt *interrupt, struct loop *loop,
		    void (*fire)(struct interrupt *, int, unsigned),
		    struct err *err);

/* The signals stay blocked. */
void interrupt_stop(struct interrupt *interrupt);

#endif
