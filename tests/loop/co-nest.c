/* SPDX-License-Identifier: MIT */
/* Coroutines enter others to any depth; yielding and ending lead back to the
 * one that entered last, also when it is another than the first time. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define DEPTH 100

static int depth, ended;
static struct co *shared;
static char trace[64];

static void nest(void *arg)
{
	struct co *me = co_self();

	if (++depth < DEPTH)
		check_int(co_start(nest, NULL), 0);
	check(co_self() == me);
	ended++;
}

static void note(char c)
{
	trace[strlen(trace)] = c;
}

static void shared_body(void *arg)
{
	note('1');
	co_yield();
	note('2');
	co_yield();
	note('3');
}

static void entering_body(void *arg)
{
	note('a');
	co_enter(shared);
	note('b');
	co_yield();
	note('c');
	co_enter(shared);
	note('d');
}

int main(void)
{
	struct loop *loop = test_loop();
	struct co *entering;

	check_int(co_start(nest, NULL), 0);
	check_int(ended, DEPTH);
	check(!co_self());

	shared = co_create(shared_body, NULL);
	entering = co_create(entering_body, NULL);
	co_enter(entering);
	co_enter(shared); /* now from outside */
	note('-');
	co_enter(entering);
	check_str(trace, "a1b2-c3d");
	loop_destroy(loop);
	return 0;
}
