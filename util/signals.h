/* SPDX-License-Identifier: MIT */
/*
 * Threads and sections that leave signals to others. Those of a thread's own
 * faults are not blocked: nobody else can take them, and who blocks them is
 * killed though there may be a handler; SIGBUS, of shared memory that its
 * owner has cut short, is one that is handled.
 *
 * Threads: any.
 */
#ifndef UTIL_SIGNALS_H
#define UTIL_SIGNALS_H

#include <signal.h>

/* Undone by pthread_sigmask(SIG_SETMASK, before, NULL); it never fails. */
static inline void signals_block(sigset_t *before)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGBUS);
	sigdelset(&set, SIGFPE);
	sigdelset(&set, SIGILL);
	sigdelset(&set, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &set, before);
}

#endif
