/* SPDX-License-Identifier: MIT */
/* A timer that re-arms itself for the past fires once an iteration, and
 * keeps neither the loop from returning nor other timers from firing. */
#include "tests/loop/loop_test.h"
#include "util/clock.h"

static struct loop_timer greedy, modest;
static int greedy_fired, modest_fired;

static void fire_greedy(struct loop_timer *timer)
{
	greedy_fired++;
	check_int(loop_timer_arm(loop_current(), timer, 0), 0);
}

static void fire_modest(struct loop_timer *timer)
{
	modest_fired++;
}

int main(void)
{
	struct loop *loop = test_loop();

	loop_timer_init(&greedy, fire_greedy);
	loop_timer_init(&modest, fire_modest);
	check_int(loop_timer_arm(loop, &greedy, 0), 0);
	check_int(loop_timer_arm(loop, &modest, clock_now_ns() + NS_PER_MS), 0);
	for (int i = 1; !modest_fired; i++) {
		check(loop_run_once(loop, true));
		check_int(greedy_fired, i);
	}
	check_int(modest_fired, 1);
	loop_timer_cancel(loop, &greedy);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
