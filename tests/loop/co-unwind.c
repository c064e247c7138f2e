/* SPDX-License-Identifier: MIT */
/* A backtrace in a coroutine shows its callers and ends at the coroutine's
 * entry, also in a reused one: debuggers and profilers don't run astray. */
#include <unwind.h>

#include "loop/co.h"
#include "tests/loop/loop_test.h"

struct walk {
	int frames;
	bool saw_body;
};

static void body(void *arg);

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	void *function;

	walk->frames++;
	function = _Unwind_FindEnclosingFunction(
		(void *)_Unwind_GetIP(context));
	if (function == (void *)body)
		walk->saw_body = true;
	/* is on another stack */
	check(function != (void *)co_enter);
	return walk->frames < 50 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

static void body(void *arg)
{
	struct walk walk = {.frames = 0};

	check_int(_Unwind_Backtrace(step, &walk), _URC_END_OF_STACK);
	check(walk.saw_body);
	check(walk.frames < 10);
	co_yield();
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < 3; i++) {
		struct co *co = co_create(body, NULL);

		check(co);
		co_enter(co);
		co_enter(co);
	}
	loop_destroy(loop);
	return 0;
}
