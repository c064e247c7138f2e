/* SPDX-License-Identifier: MIT */
/* Stopping is safe at any time: right after the start, while the loop is
 * busy, and with a bottom half scheduled just before, which still runs. */
#include "tests/loop/loop_test.h"

#define ROUNDS 300

static int runs;

static void run(struct loop_bh *bh)
{
	runs++;
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct loop_thread *thread;
		struct loop_bh bh;

		check_int(loop_thread_start("short", &thread, NULL), 0);
		loop_bh_init(&bh, loop_thread_loop(thread), run);
		if (i % 2)
			loop_bh_schedule(&bh);
		loop_thread_stop(thread);
	}
	check_int(runs, ROUNDS / 2);
	return 0;
}
