/* SPDX-License-Identifier: MIT */
/* A queue wakes in order of arrival, through the loop and not from within
 * co_queue_wake(); a stray co_wake() wakes nobody who waits in it. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 5

static struct co_queue queue;
static struct co *all[COUNT];
static int order[COUNT], waked;

static void body(void *arg)
{
	co_queue_wait(&queue);
	order[waked++] = (struct co **)arg - all;
}

static void begin(void)
{
	waked = 0;
	for (int i = 0; i < COUNT; i++) {
		all[i] = co_create(body, &all[i]);
		check(all[i]);
		co_enter(all[i]);
	}
	check(!co_queue_empty(&queue));
}

static void check_order(void)
{
	check_int(waked, COUNT);
	for (int i = 0; i < COUNT; i++)
		check_int(order[i], i);
	check(co_queue_empty(&queue));
	check(!co_queue_wake(&queue));
}

int main(void)
{
	struct loop *loop = test_loop();

	co_queue_init(&queue);
	check(co_queue_empty(&queue));
	check(!co_queue_wake(&queue));

	begin();
	co_wake(all[3]);
	run_all(loop);
	check_int(waked, 0);
	for (int i = 0; i < COUNT; i++) {
		check(co_queue_wake(&queue));
		check_int(waked, i);
		check(loop_run_once(loop, true));
		check_int(waked, i + 1);
	}
	check_order();

	begin();
	co_queue_wake_all(&queue);
	check_int(waked, 0);
	check(loop_run_once(loop, true));
	check_order();
	loop_destroy(loop);
	return 0;
}
