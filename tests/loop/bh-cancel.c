/* SPDX-License-Identifier: MIT */
/* A cancelled bottom half does not run, wherever in the queue it was, and
 * can be scheduled again; cancelling an idle one is harmless. */
#include "tests/loop/loop_test.h"

#define COUNT 4

static struct loop_bh bhs[COUNT];
static int runs[COUNT];
static struct loop_bh *victim;

static void run(struct loop_bh *bh)
{
	runs[bh - bhs]++;
	if (victim)
		loop_bh_cancel(victim);
}

/* cancel the one numbered gone, from outside or from the first callback */
static void without(struct loop *loop, int gone, bool from_callback)
{
	for (int i = 0; i < COUNT; i++) {
		runs[i] = 0;
		loop_bh_init(&bhs[i], loop, run);
		loop_bh_schedule(&bhs[i]);
	}
	victim = from_callback ? &bhs[gone] : NULL;
	if (!from_callback)
		loop_bh_cancel(&bhs[gone]);
	check(loop_run_once(loop, true));
	for (int i = 0; i < COUNT; i++)
		check_int(runs[i], i != gone || (from_callback && gone == 0));
	check(!loop_run_once(loop, false));
	victim = NULL;
	loop_bh_cancel(&bhs[gone]);
	loop_bh_schedule(&bhs[gone]);
	runs[gone] = 0;
	check(loop_run_once(loop, true));
	check_int(runs[gone], 1);
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int gone = 0; gone < COUNT; gone++) {
		without(loop, gone, false);
		without(loop, gone, true);
	}
	loop_destroy(loop);
	return 0;
}
