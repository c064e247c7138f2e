/* SPDX-License-Identifier: MIT */
/* Random arming, re-arming and cancelling: timers fire in order of deadline,
 * equal ones in order of arming, each armed one once, others not at all. */
#include <stdlib.h>

#include "tests/loop/loop_test.h"

#define COUNT 1000
#define DEADLINES 50

static struct item {
	struct loop_timer timer;
	int deadline; /* -1: not armed */
	int armed_as; /* number of the arming */
	int fired;
} items[COUNT];

static const struct item *last;

static void fire(struct loop_timer *timer)
{
	struct item *it = container_of(timer, struct item, timer);

	check_int(++it->fired, 1);
	check(it->deadline >= 0);
	if (last) {
		check(last->deadline <= it->deadline);
		if (last->deadline == it->deadline)
			check(last->armed_as < it->armed_as);
	}
	last = it;
}

static void shuffle(struct loop *loop)
{
	for (int n = 0; n < 5 * COUNT; n++) {
		struct item *it = &items[rand() % COUNT];

		if (rand() % 4 == 0) {
			loop_timer_cancel(loop, &it->timer);
			it->deadline = -1;
			continue;
		}
		it->deadline = 1 + rand() % DEADLINES;
		it->armed_as = n;
		check_int(loop_timer_arm(loop, &it->timer, it->deadline), 0);
	}
}

int main(void)
{
	struct loop *loop = test_loop();

	srand(1);
	for (int i = 0; i < COUNT; i++) {
		loop_timer_init(&items[i].timer, fire);
		items[i].deadline = -1;
	}
	shuffle(loop);
	check(loop_run_once(loop, true));
	for (int i = 0; i < COUNT; i++)
		check_int(items[i].fired, items[i].deadline >= 0);
	loop_destroy(loop);
	return 0;
}
