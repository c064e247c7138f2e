/* SPDX-License-Identifier: MIT */
/* Deferred calls run at the end of the outermost section, in order, once
 * however often they were asked for; outside of a section they run at once. */
#include "tests/loop/loop_test.h"

#define COUNT 3

static struct loop_defer defers[COUNT];
static int order[2 * COUNT], runs;

static void run(struct loop_defer *d)
{
	order[runs++] = d - defers;
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++)
		defers[i].run = run;

	loop_defer(loop, &defers[1]);
	check_int(runs, 1);
	check_int(order[0], 1);

	runs = 0;
	loop_plug(loop);
	loop_plug(loop);
	for (int i = 0; i < COUNT; i++) {
		loop_defer(loop, &defers[i]);
		loop_defer(loop, &defers[0]);
	}
	loop_unplug(loop);
	check_int(runs, 0);
	loop_unplug(loop);
	check_int(runs, COUNT);
	for (int i = 0; i < COUNT; i++)
		check_int(order[i], i);
	loop_destroy(loop);
	return 0;
}
