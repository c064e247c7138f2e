/* SPDX-License-Identifier: MIT */
/* 10,000 coroutines live at once, each with its own stack and state. */
#include "loop/co.h"
#include "loop/co_int.h"
#include "tests/loop/loop_test.h"

#ifdef CO_TSAN
#define COUNT 2000 /* it has room for some 8000 fibers */
#else
#define COUNT 10000
#endif

static struct co *all[COUNT];
static int ended;

static void body(void *arg)
{
	int number = (struct co **)arg - all;

	co_yield();
	check(co_self() == all[number]);
	ended++;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct co_stats stats;

	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < COUNT; i++) {
			all[i] = co_create(body, &all[i]);
			check(all[i]);
			co_enter(all[i]);
		}
		for (int i = 0; i < COUNT; i++)
			co_enter(all[i]);
		check_int(ended, round * COUNT);
		co_stats_get(&stats);
		check_int(stats.created, round * COUNT);
	}
	loop_destroy(loop);
	return 0;
}
