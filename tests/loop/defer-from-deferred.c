/* SPDX-License-Identifier: MIT */
/* What a deferred call defers, itself included, runs in the same end of
 * section, not within the call. */
#include "tests/loop/loop_test.h"

static struct loop_defer outer, inner;
static int depth, runs;

static void run_inner(struct loop_defer *d)
{
	check_int(depth, 0);
	runs++;
}

static void run_outer(struct loop_defer *d)
{
	if (runs++) {
		check_int(depth, 0);
		return;
	}
	depth++;
	loop_defer(loop_current(), &outer);
	loop_plug(loop_current());
	loop_defer(loop_current(), &inner);
	loop_unplug(loop_current());
	loop_defer(loop_current(), &inner);
	depth--;
}

int main(void)
{
	struct loop *loop = test_loop();

	outer.run = run_outer;
	inner.run = run_inner;
	loop_plug(loop);
	loop_defer(loop, &outer);
	loop_unplug(loop);
	check_int(runs, 3);
	loop_destroy(loop);
	return 0;
}
