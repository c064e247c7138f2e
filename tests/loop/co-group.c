/* SPDX-License-Identifier: MIT */
/* Joining waits for all of the group, those started meanwhile included, and
 * returns at once when none is left. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

static struct co_group group;
static int ended, joined;

static void child(void *arg)
{
	co_yield_to_loop();
	ended++;
}

static void parent(void *arg)
{
	co_yield_to_loop();
	check_int(co_group_start(&group, child, NULL), 0);
	ended++;
}

static void quick(void *arg)
{
	check(group.running > 0);
	ended++;
}

static void yielding(void *arg)
{
	*(struct co **)arg = co_self();
	co_yield();
	ended++;
}

static void joiner(void *arg)
{
	co_group_join(&group);
	check_int(ended, 7);
	joined++;
}

static void body(void *arg)
{
	co_group_init(&group);
	co_group_join(&group);
	check_int(co_group_start(&group, quick, NULL), 0);
	check_int(ended, 1);
	for (int i = 0; i < 3; i++)
		check_int(co_group_start(&group, parent, NULL), 0);
	check_int(co_start(joiner, NULL), 0);
	co_group_join(&group);
	check_int(ended, 7);
	joined++;
}

/* The last one has ended and waked the joiner, then one more is started. */
static void start_late(void)
{
	struct co *last;

	ended = 5;
	joined = 0;
	check_int(co_group_start(&group, yielding, &last), 0);
	check_int(co_start(joiner, NULL), 0);
	co_enter(last);
	check_int(group.running, 0);
	check_int(co_group_start(&group, child, NULL), 0);
	run_all(loop_current());
	check_int(joined, 1);
}

int main(void)
{
	struct loop *loop = test_loop();

	check_int(co_run(body, NULL), 0);
	run_all(loop);
	check_int(joined, 2);
	start_late();
	loop_destroy(loop);
	return 0;
}
