/* SPDX-License-Identifier: MIT */
/* One that was waked, but has to wait on, keeps its turn: wait_front puts it
 * ahead of those who came later. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 3

static struct co_queue queue;
static int budget, order[COUNT], done;

static void take_three(void *arg)
{
	int number = *(int *)arg;
	int taken = 0;

	co_queue_wait(&queue);
	while (taken < 3) {
		if (!budget) {
			co_queue_wait_front(&queue);
			continue;
		}
		budget--;
		taken++;
	}
	order[done++] = number;
	co_queue_wake(&queue);
}

int main(void)
{
	struct loop *loop = test_loop();
	int numbers[COUNT] = {0, 1, 2};

	co_queue_init(&queue);
	for (int i = 0; i < COUNT; i++)
		check_int(co_start(take_three, &numbers[i]), 0);
	for (int i = 1; i <= 3 * COUNT; i++) {
		budget = 1;
		check(co_queue_wake(&queue));
		run_all(loop);
		check_int(done, i / 3);
		check_int(budget, 0);
	}
	for (int i = 0; i < COUNT; i++)
		check_int(order[i], i);
	check(co_queue_empty(&queue));
	loop_destroy(loop);
	return 0;
}
