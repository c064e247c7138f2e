/* SPDX-License-Identifier: MIT */
/*
 * Starting and stopping the threads of a verb: see threads.h.
 */
#include "cli/threads.h"

#include <stdio.h>

int threads_start(struct loop **loops, struct loop_thread **threads,
		  unsigned nr, struct err *err)
{
	for (unsigned i = 1; i < nr; i++) {
		char name[24];
		int ret;

		snprintf(name, sizeof(name), "sluice-%u", i);
		ret = loop_thread_start(name, &threads[i], err);
		if (ret < 0)
			return ret;
		loops[i] = loop_thread_loop(threads[i]);
	}
	return 0;
}

void threads_stop(struct loop_thread **threads, unsigned nr)
{
	for (unsigned i = 1; i < nr; i++)
		if (threads[i])
			loop_thread_stop(threads[i]);
}
