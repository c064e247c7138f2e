/* SPDX-License-Identifier: MIT */
/* Before it waits, a nested run makes the calls that the outer section has
 * deferred: it may be waiting for just those. Its own calls end with it. */
#include "tests/loop/loop_test.h"

static struct loop_fd h;
static struct loop_bh inner;
static struct loop_defer submit, inner_defer;
static int fds[2], submits, completions, inner_submits;

static void run_submit(struct loop_defer *d)
{
	submits++;
	put_byte(fds[1]);
}

static void run_inner_defer(struct loop_defer *d)
{
	inner_submits++;
}

static void on_read(struct loop_fd *unused)
{
	check(get_byte(h.fd));
	loop_defer(loop_current(), &inner_defer);
	check_int(inner_submits, completions);
	completions++;
}

static bool completed(void *opaque)
{
	return completions == 1;
}

static void wait_for_own(struct loop_bh *bh)
{
	struct loop *loop = loop_current();

	loop_plug(loop);
	loop_defer(loop, &submit);
	check_int(submits, 0);
	loop_run_until(loop, completed, NULL);
	check_int(submits, 1);
	check_int(inner_submits, 1);
	/* the sections around the nested run are still open */
	loop_defer(loop, &submit);
	check_int(submits, 1);
	loop_unplug(loop);
	check_int(submits, 1);
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();

	test_pair(fds);
	h.fd = fds[0];
	h.ops = &ops;
	test_add(loop, &h, LOOP_READ);
	submit.run = run_submit;
	inner_defer.run = run_inner_defer;
	loop_bh_init(&inner, loop, wait_for_own);
	loop_bh_schedule(&inner);
	check(loop_run_once(loop, true));
	check_int(submits, 2);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
