/* SPDX-License-Identifier: MIT */
/*
 * The loop itself: its life, and the order of things within an iteration.
 *
 * Whatever is ready is kept in the loop, never on a stack frame of
 * loop_run_once(), and is taken out before its callback runs. So a nested
 * run goes on where the outer one stands, and nothing is delivered twice.
 *
 * The kinds of callbacks are in fd.c, timer.c, bh.c and defer.c, waiting is
 * in poll.c. Only loop_create() can fail. Threads: own thread, except
 * loop_stop().
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/co.h"
#include "loop/loop_int.h"

static _Thread_local struct loop *current;

struct loop *loop_current(void)
{
	return current;
}

static void stop_bh_run(struct loop_bh *bh)
{
	bh->loop->stopped = true;
}

static void init(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->defer_end = &loop->defer_first;
	loop->poll_max_ns = LOOP_POLL_MAX_NS;
	loop->timers_run_ns = INT64_MIN;
	loop_bh_init(&loop->stop_bh, loop, stop_bh_run);
}

int loop_create(struct loop **out, struct err *err)
{
	struct loop *loop;
	int ret;

	if (current)
		return err_set(err, EBUSY,
			       "event loop: this thread has one already");
	loop = aligned_alloc(alignof(struct loop), sizeof(*loop));
	if (!loop)
		return err_sys(err, ENOMEM, "event loop");
	init(loop);
	ret = loop_fds_init(loop, err);
	if (ret < 0)
		goto fail;
	ret = loop_bhs_init(loop, err);
	if (ret < 0)
		goto fail_fds;
	current = loop;
	*out = loop;
	return 0;

fail_fds:
	loop_fds_destroy(loop);
fail:
	free(loop);
	return ret;
}

void loop_destroy(struct loop *loop)
{
	assert(loop == current && !co_self());
	assert(!loop->timers_len && !loop->defer_first);
	co_pool_destroy(&loop->co_pool);
	loop_bh_cancel(&loop->stop_bh);
	loop_bhs_destroy(loop);
	loop_fds_destroy(loop);
	free(loop->timers);
	free(loop);
	current = NULL;
}

static bool run_ready(struct loop *loop)
{
	bool ran = false;

	if (loop_bhs_pending(loop))
		ran |= loop_bhs_run(loop);
	if (loop->timers_len)
		ran |= loop_timers_run(loop);
	if (loop->batch_next < loop->batch_end)
		ran |= loop_fds_dispatch(loop);
	if (!list_empty(&loop->polled))
		ran |= loop_fds_run_polled(loop);
	return ran;
}

/*
 * One plugged section: all that is ready, then what it deferred; and, in a
 * nested run, what the outer section had deferred so far, as the nested run
 * may be there to wait for just that.
 */
static bool run_section(struct loop *loop, bool (*body)(struct loop *loop))
{
	bool ran;

	loop->plug_depth = 1;
	ran = body(loop);
	assert(loop->plug_depth == 1); /* a callback forgot loop_unplug() */
	ran |= loop_defers_run(loop);
	loop->plug_depth = 0;
	return ran;
}

bool loop_run_once(struct loop *loop, bool block)
{
	unsigned outer_depth = loop->plug_depth;
	bool ran;

	assert(loop == current && !co_self());
	ran = run_section(loop, run_ready);
	if (!ran) {
		if (block)
			loop_wait(loop);
		else
			loop_fds_fetch(loop, 0);
		ran = run_section(loop, run_ready);
	} else if (--loop->fd_check_in == 0 && loop_fds_fetch(loop, 0)) {
		run_section(loop, loop_fds_dispatch);
	}
	loop->plug_depth = outer_depth;
	return ran;
}

void loop_run(struct loop *loop)
{
	while (!loop->stopped)
		loop_run_once(loop, true);
	loop->stopped = false;
}

void loop_run_until(struct loop *loop, bool (*done)(void *opaque), void *opaque)
{
	while (!done(opaque))
		loop_run_once(loop, true);
}

void loop_stop(struct loop *loop)
{
	loop_bh_schedule(&loop->stop_bh);
}

void loop_set_poll_max_ns(struct loop *loop, int64_t max_ns)
{
	loop->poll_max_ns = max_ns;
	loop->poll_ns = MIN(loop->poll_ns, max_ns);
}
