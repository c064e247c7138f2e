/* SPDX-License-Identifier: MIT */
/* Bottom halves run in the order of scheduling, once however often they were
 * scheduled, and not before the next iteration when one schedules itself. */
#include "tests/loop/loop_test.h"

#define COUNT 5

static struct loop_bh bhs[COUNT];
static int order[2 * COUNT], runs;

static void run(struct loop_bh *bh)
{
	order[runs++] = bh - bhs;
	if (runs <= COUNT)
		loop_bh_schedule(bh);
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++) {
		loop_bh_init(&bhs[i], loop, run);
		loop_bh_schedule(&bhs[i]);
		loop_bh_schedule(&bhs[0]);
	}
	check(loop_run_once(loop, true));
	check_int(runs, COUNT);
	check(loop_run_once(loop, true));
	check_int(runs, 2 * COUNT);
	for (int i = 0; i < 2 * COUNT; i++)
		check_int(order[i], i % COUNT);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
