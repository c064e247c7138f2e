/* SPDX-License-Identifier: MIT */
/* A coroutine waked several times is entered once in an iteration, and
 * co_yield_to_loop lets the loop go round once. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

static int entries, iteration;

static void body(void *arg)
{
	for (;;) {
		co_yield();
		if (++entries == 2)
			return;
	}
}

static void rounds(void *arg)
{
	for (int i = 0; i < 10; i++) {
		int before = iteration;

		co_yield_to_loop();
		check_int(iteration, before + 1);
	}
	iteration = -1;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct co *co = co_create(body, NULL);

	co_enter(co);
	for (int i = 1; i <= 2; i++) {
		co_wake(co);
		co_wake(co);
		check_int(entries, i - 1);
		check(loop_run_once(loop, true));
		check_int(entries, i);
	}
	check(!loop_run_once(loop, false));

	check_int(co_start(rounds, NULL), 0);
	while (iteration >= 0) {
		iteration++;
		check(loop_run_once(loop, true));
	}
	loop_destroy(loop);
	return 0;
}
