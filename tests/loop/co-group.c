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

int main(void)
{
	struct loop *loop = test_loop();

	check_int(co_run(body, NULL), 0);
	run_all(loop);
	check_int(joined, 2);
	loop_destroy(loop);
	return 0;
}
