/* SPDX-License-Identifier: MIT */
/*
 * Coroutines: create, enter, yield, wake, sleep, run.
 *
 * co_enter() keeps the enterer's context in its own frame, so entering nests
 * without bookkeeping, and the thread needs no object for "outside". Stacks
 * are in co_stack.c, the switch in co_switch.h, waiting in co_lock.c.
 *
 * Failure: -ENOMEM where a stack or a timer slot is needed. Own thread only,
 * except co_wake().
 */
#include <assert.h>
#include <errno.h>

#include "loop/co_int.h"
#include "util/clock.h"

static _Thread_local struct co *current;

struct co *co_self(void)
{
	return current;
}

/* Leave the running coroutine for whoever entered it. */
static inline void leave(struct co *co, bool ends)
{
	struct co_side *back = co->back;

	co->back = NULL;
	current = co->outer;
	co_side_switch(&co->self, back, ends);
	co_side_arrived(&co->self, co->back);
}

/* Not instrumented: it outlives the fake stack of each function it runs. */
CO_SWITCHES __attribute__((no_sanitize("address"))) void co_main(void)
{
	CO_NO_CALLER();
	co_side_arrived(&current->self, current->back);
	for (;;) {
		struct co *co = current;

		co->fn(co->arg);
		co->fn = NULL;
		leave(co, true);
	}
}

struct co *co_create(co_fn *fn, void *arg)
{
	struct loop *loop = loop_current();
	struct co *co;

	assert(loop);
	co = co_pool_get(loop);
	if (!co)
		return NULL;
	co->fn = fn;
	co->arg = arg;
	return co;
}

CO_SWITCHES void co_enter(struct co *co)
{
	struct co_side here;

	assert(!co->back && co->wake_bh.loop == loop_current());
	co->back = &here;
	co->outer = current;
	current = co;
	co_side_switch(&here, &co->self, false);
	co_side_arrived(&here, &co->self);
	if (!co->fn) {
		assert(!atomic_load_explicit(&co->wake_bh.state,
					     memory_order_relaxed));
		co_pool_put(&co->wake_bh.loop->co_pool, co);
	}
}

CO_SWITCHES void co_yield(void)
{
	assert(current);
	leave(current, false);
}

void co_wake(struct co *co)
{
	loop_bh_schedule(&co->wake_bh);
}

void co_yield_to_loop(void)
{
	co_wake(current);
	co_yield();
}

struct sleeper {
	struct loop_timer timer;
	struct co *co;
	bool fired;
};

static void sleeper_fire(struct loop_timer *timer)
{
	struct sleeper *s = container_of(timer, struct sleeper, timer);

	s->fired = true;
	co_enter(s->co);
}

int co_sleep_ns(int64_t ns)
{
	struct sleeper s = {.co = current};

	assert(current);
	loop_timer_init(&s.timer, sleeper_fire);
	if (loop_timer_arm(loop_current(), &s.timer, clock_now_ns() + ns) < 0)
		return -ENOMEM;
	while (!s.fired)
		co_yield();
	return 0;
}

int co_start(co_fn *fn, void *arg)
{
	struct co *co = co_create(fn, arg);

	if (!co)
		return -ENOMEM;
	co_enter(co);
	return 0;
}

struct run {
	co_fn *fn;
	void *arg;
	bool done;
};

static void run_main(void *arg)
{
	struct run *run = arg;

	run->fn(run->arg);
	run->done = true;
}

static bool run_done(void *opaque)
{
	return ((struct run *)opaque)->done;
}

int co_run(co_fn *fn, void *arg)
{
	struct run run = {.fn = fn, .arg = arg};

	assert(!current);
	if (co_start(run_main, &run) < 0)
		return -ENOMEM;
	loop_run_until(loop_current(), run_done, &run);
	return 0;
}

void co_stats_get(struct co_stats *stats)
{
	const struct co_pool *pool = &loop_current()->co_pool;

	stats->created = pool->created;
	stats->stacks_mapped = pool->stacks_mapped;
}
