/* SPDX-License-Identifier: MIT */
/* A coroutine starts when first entered, goes on where it yielded, and is
 * gone when its function returns. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

static int step;
static struct co *self;

static void body(void *arg)
{
	int local = *(int *)arg;

	check(co_self() == self);
	for (step = 1; step < 5; step++) {
		check_int(local, 42);
		co_yield();
	}
}

int main(void)
{
	struct loop *loop = test_loop();
	int value = 42;

	self = co_create(body, &value);
	check(self);
	check_int(step, 0);
	for (int i = 1; i <= 5; i++) {
		check(!co_self());
		co_enter(self);
		check_int(step, i);
	}
	check(!co_self());
	loop_destroy(loop); /* asserts that none is left */
	return 0;
}
