/* SPDX-License-Identifier: MIT */
/*
 * Writing to an eventfd that somebody else has as well. Who fills its counter
 * and clears its O_NONBLOCK would make us wait for as long as he likes, and no
 * call that writes to one can be told not to. So, while there is something to
 * write now and then, a timer ticks, whose signal ends a write that waits.
 *
 * Failure modes: no timer. Threads: all of a bell on one thread, which gets
 * the signal.
 */
#ifndef EXPORT_VHOST_USER_BLK_BELL_H
#define EXPORT_VHOST_USER_BLK_BELL_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "util/err.h"

/* The longest that a write waits is between one of these and two. */
#define BELL_TICK_NS 100000000

struct bell {
	timer_t timer;
	/* the signal handler's as well */
	volatile sig_atomic_t ticking; /* the timer is armed */
	volatile sig_atomic_t rung;    /* since the last tick */
};

int bell_init(struct bell *b, struct err *err);

/* Add one to the counter of fd; false: that had to wait, in vain. */
bool bell_ring(struct bell *b, int fd);

void bell_exit(struct bell *b);

#endif
