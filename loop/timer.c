/* SPDX-License-Identifier: MIT */
/*
 * Timers: a binary heap in one array, ordered by deadline, then by arming.
 * A timer knows its place in the array, so cancelling costs O(log n). The
 * array only grows, and that is all that can fail. Own thread only.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "loop/loop_int.h"
#include "util/clock.h"

static bool before(const struct timer_slot *a, const struct timer_slot *b)
{
	if (a->deadline_ns != b->deadline_ns)
		return a->deadline_ns < b->deadline_ns;
	return a->seq < b->seq;
}

static void put(struct loop *loop, int pos, struct timer_slot slot)
{
	loop->timers[pos] = slot;
	slot.timer->heap_pos = pos;
}

/* Put slot where position pos is free, or further up. */
static void sift_up(struct loop *loop, int pos, struct timer_slot slot)
{
	while (pos > 0) {
		int parent = (pos - 1) / 2;

		if (!before(&slot, &loop->timers[parent]))
			break;
		put(loop, pos, loop->timers[parent]);
		pos = parent;
	}
	put(loop, pos, slot);
}

/* Put slot where position pos is free, or further down. */
static void sift_down(struct loop *loop, int pos, struct timer_slot slot)
{
	for (;;) {
		int child = 2 * pos + 1;

		if (child >= loop->timers_len)
			break;
		if (child + 1 < loop->timers_len &&
		    before(&loop->timers[child + 1], &loop->timers[child]))
			child++;
		if (!before(&loop->timers[child], &slot))
			break;
		put(loop, pos, loop->timers[child]);
		pos = child;
	}
	put(loop, pos, slot);
}

static int grow(struct loop *loop)
{
	int max = loop->timers_max ? 2 * loop->timers_max : 16;
	struct timer_slot *timers;

	timers = realloc(loop->timers, max * sizeof(*timers));
	if (!timers)
		return -ENOMEM;
	loop->timers = timers;
	loop->timers_max = max;
	return 0;
}

void loop_timer_init(struct loop_timer *timer,
		     void (*fire)(struct loop_timer *timer))
{
	timer->fire = fire;
	timer->deadline_ns = 0;
	timer->heap_pos = -1;
}

int loop_timer_arm(struct loop *loop, struct loop_timer *timer,
		   int64_t deadline_ns)
{
	struct timer_slot slot = {.timer = timer, .seq = loop->timer_seq++};

	loop_timer_cancel(loop, timer);
	if (loop->timers_len == loop->timers_max && grow(loop) < 0)
		return -ENOMEM;
	/*
	 * Never due in the pass that is running: a callback that re-arms its
	 * timer for the past would keep all others from firing.
	 */
	slot.deadline_ns = MAX(deadline_ns, loop->timers_run_ns + 1);
	timer->deadline_ns = slot.deadline_ns;
	sift_up(loop, loop->timers_len++, slot);
	return 0;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	int pos = timer->heap_pos;
	struct timer_slot last;

	if (pos < 0)
		return;
	assert(pos < loop->timers_len && loop->timers[pos].timer == timer);
	timer->heap_pos = -1;
	last = loop->timers[--loop->timers_len];
	if (pos == loop->timers_len)
		return;
	if (pos > 0 && before(&last, &loop->timers[(pos - 1) / 2]))
		sift_up(loop, pos, last);
	else
		sift_down(loop, pos, last);
}

bool loop_timers_run(struct loop *loop)
{
	int64_t now_ns = clock_now_ns();
	bool ran = false;

	loop->timers_run_ns = now_ns;
	while (loop->timers_len && loop->timers[0].deadline_ns <= now_ns) {
		struct loop_timer *timer = loop->timers[0].timer;

		loop_timer_cancel(loop, timer);
		timer->fire(timer);
		ran = true;
	}
	return ran;
}
