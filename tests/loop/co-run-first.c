/* SPDX-License-Identifier: MIT */
/* co_run works as the first thing done with a new loop, again, and in a run
 * nested in a callback. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

static int runs;

static void body(void *arg)
{
	*(int *)arg += 1;
	co_yield_to_loop();
	runs++;
}

static void nested(struct loop_bh *bh)
{
	int value = 0;

	check_int(co_run(body, &value), 0);
	check_int(value, 1);
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_bh bh;
	int value = 0;

	for (int i = 1; i <= 3; i++) {
		check_int(co_run(body, &value), 0);
		check_int(value, i);
		check_int(runs, i);
	}
	loop_bh_init(&bh, loop, nested);
	loop_bh_schedule(&bh);
	check(loop_run_once(loop, true));
	check_int(runs, 4);
	loop_destroy(loop);
	return 0;
}
