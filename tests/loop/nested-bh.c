/* SPDX-License-Identifier: MIT */
/* Bottom halves run once each, in order, when each of them runs the loop
 * again; one that is scheduled meanwhile comes in the nested run. */
#include "tests/loop/loop_test.h"

#define COUNT 10

static struct loop_bh bhs[COUNT], late;
static int order[COUNT], runs, late_runs;

static void run_late(struct loop_bh *bh)
{
	late_runs++;
}

static void run(struct loop_bh *bh)
{
	int before = late_runs;

	check(runs < COUNT);
	order[runs++] = bh - bhs;
	loop_bh_schedule(&late);
	check(loop_run_once(loop_current(), true));
	check(late_runs > before);
}

int main(void)
{
	struct loop *loop = test_loop();

	loop_bh_init(&late, loop, run_late);
	for (int i = 0; i < COUNT; i++) {
		loop_bh_init(&bhs[i], loop, run);
		loop_bh_schedule(&bhs[i]);
	}
	check(loop_run_once(loop, true));
	check_int(runs, COUNT);
	for (int i = 0; i < COUNT; i++)
		check_int(order[i], i);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
