/* SPDX-License-Identifier: MIT */
/* Timers that are due fire once each, in order, when each callback runs the
 * loop again. */
#include "tests/loop/loop_test.h"

#define COUNT 10

static struct loop_timer timers[COUNT];
static int order[COUNT], fired;

static void fire(struct loop_timer *timer)
{
	check(fired < COUNT);
	order[fired++] = timer - timers;
	loop_run_once(loop_current(), false);
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++) {
		loop_timer_init(&timers[i], fire);
		check_int(loop_timer_arm(loop, &timers[i], i), 0);
	}
	check(loop_run_once(loop, true));
	check_int(fired, COUNT);
	for (int i = 0; i < COUNT; i++)
		check_int(order[i], i);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
