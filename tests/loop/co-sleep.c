/* SPDX-License-Identifier: MIT */
/* Sleepers go on in order of their deadlines, none early, also when somebody
 * wakes one of them. */
#include "loop/co.h"
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

#define COUNT 4

static const int64_t naps_ns[COUNT] = {9 * NS_PER_MS, 3 * NS_PER_MS, 0,
				       6 * NS_PER_MS};
static int order[COUNT], waked;

static void nap(void *arg)
{
	const int64_t *ns = arg;
	int64_t end_ns = clock_now_ns() + *ns;

	check_int(co_sleep_ns(*ns), 0);
	check(clock_now_ns() >= end_ns);
	order[waked++] = ns - naps_ns;
}

static void body(void *arg)
{
	struct co_group group;
	struct co *first = co_create(nap, (void *)&naps_ns[0]);

	check(first);
	co_enter(first);
	co_wake(first);
	co_group_init(&group);
	for (int i = 1; i < COUNT; i++)
		check_int(co_group_start(&group, nap, (void *)&naps_ns[i]), 0);
	co_group_join(&group);
}

static bool all_waked(void *opaque)
{
	return waked == COUNT;
}

int main(void)
{
	struct loop *loop = test_loop();

	check_int(co_run(body, NULL), 0);
	loop_run_until(loop, all_waked, NULL);
	check_int(order[0], 2);
	check_int(order[1], 1);
	check_int(order[2], 3);
	check_int(order[3], 0);
	loop_destroy(loop);
	return 0;
}
