/* SPDX-License-Identifier: MIT */
/* Without memory for the heap arming says -ENOMEM, the timer is not armed,
 * and the timers before it still fire. */
#include "tests/loop/loop_test.h"

#define COUNT 17 /* the 17th makes the heap grow */

static struct loop_timer timers[COUNT];
static int fired;
static bool no_memory;

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory ? NULL : __real_realloc(p, size);
}

static void fire(struct loop_timer *timer)
{
	fired++;
}

int main(void)
{
	struct loop *loop = test_loop();
	int armed = 0;

	for (int i = 0; i < COUNT; i++)
		loop_timer_init(&timers[i], fire);
	no_memory = true;
	check_int(loop_timer_arm(loop, &timers[0], 0), -ENOMEM);
	no_memory = false;
	check_int(loop_timer_arm(loop, &timers[armed++], 0), 0);
	no_memory = true;
	while (armed < COUNT && !loop_timer_arm(loop, &timers[armed], 0))
		armed++;
	check_int(armed, COUNT - 1);
	loop_timer_cancel(loop, &timers[armed]);
	/* re-arming needs no room */
	check_int(loop_timer_arm(loop, &timers[0], 5), 0);
	check(loop_run_once(loop, true));
	check_int(fired, armed);
	loop_destroy(loop);
	return 0;
}
