/* SPDX-License-Identifier: MIT */
/* A cancelled deferred call does not run, wherever in the queue it was; calls
 * deferred after that do, and it can be asked for again. */
#include "tests/loop/loop_test.h"

#define COUNT 3

static struct loop_defer defers[COUNT];
static int runs[COUNT], late_runs;

static void run(struct loop_defer *d)
{
	runs[d - defers]++;
}

static void run_late(struct loop_defer *d)
{
	late_runs++;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_defer late = {.run = run_late};

	for (int gone = 0; gone < COUNT; gone++) {
		loop_plug(loop);
		for (int i = 0; i < COUNT; i++) {
			runs[i] = 0;
			defers[i].run = run;
			loop_defer(loop, &defers[i]);
		}
		loop_defer_cancel(loop, &defers[gone]);
		loop_defer_cancel(loop, &defers[gone]);
		loop_defer(loop, &late);
		loop_unplug(loop);
		check_int(late_runs, gone + 1);
		for (int i = 0; i < COUNT; i++)
			check_int(runs[i], i != gone);
		loop_plug(loop);
		loop_defer(loop, &defers[gone]);
		loop_unplug(loop);
		check_int(runs[gone], 1);
	}
	loop_destroy(loop);
	return 0;
}
