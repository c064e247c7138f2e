/* SPDX-License-Identifier: MIT */
/* A timer cancelled by the callback of one that is due at the same time does
 * not fire; a timer may be freed in its own callback. */
#include <stdlib.h>

#include "tests/loop/loop_test.h"

static struct loop_timer *first, second;
static int fired;

static void fire_first(struct loop_timer *timer)
{
	fired++;
	loop_timer_cancel(loop_current(), &second);
	loop_timer_cancel(loop_current(), &second);
	free(timer);
}

static void fire_second(struct loop_timer *timer)
{
	check(!"was cancelled");
}

int main(void)
{
	struct loop *loop = test_loop();

	first = malloc(sizeof(*first));
	check(first);
	loop_timer_init(first, fire_first);
	loop_timer_init(&second, fire_second);
	check_int(loop_timer_arm(loop, &second, 1), 0);
	check_int(loop_timer_arm(loop, first, 0), 0);
	check(loop_run_once(loop, true));
	check(!loop_run_once(loop, false));
	check_int(fired, 1);
	loop_destroy(loop);
	return 0;
}
