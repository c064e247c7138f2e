/* SPDX-License-Identifier: MIT */
/*
 * Inside of coroutines: struct co, and a switch that tells ASan and TSan
 * about the change of stacks. valgrind is told in co_stack.c. Own thread
 * only, except co_wake()'s use of wake_bh.
 */
#ifndef LOOP_CO_INT_H
#define LOOP_CO_INT_H

#include "loop/co.h"
#include "loop/co_switch.h"
#include "loop/loop_int.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CO_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define CO_TSAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define CO_ASAN
#endif
#ifdef __SANITIZE_THREAD__
#define CO_TSAN
#endif

#ifdef CO_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CO_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Where execution left a stack, and what the sanitizers know of the stack. */
struct co_side {
	struct co_ctx ctx;
#ifdef CO_ASAN
	const void *stack;
	size_t stack_bytes;
	void *fake_stack;
#endif
#ifdef CO_TSAN
	void *fiber;
#endif
};

/*
 * A coroutine lies at the top of its own stack: one mapping is one object,
 * and the first frame is in the cache lines next to it.
 */
struct co {
	struct co_side self;  /* while it does not run: where it goes on */
	struct co_side *back; /* who entered it; NULL: does not run */
	struct co *outer;     /* the coroutine that entered it, or NULL */
	co_fn *fn;	      /* NULL: has ended */
	void *arg;
	struct loop_bh wake_bh;
	struct co *pool_next;
	void *mapping; /* lowest address, where the guard page is */
	size_t mapping_bytes;
};

/* Switch; ends: from will not be gone on with, its fake stack can go. */
static inline void co_side_switch(struct co_side *from, struct co_side *to,
				  bool ends)
{
#ifdef CO_ASAN
	__sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack,
				       to->stack, to->stack_bytes);
	if (ends)
		from->fake_stack = NULL;
#endif
#ifdef CO_TSAN
	from->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(to->fiber, 0);
#endif
	co_ctx_switch(&from->ctx, &to->ctx);
}

/* The first thing after a switch, on the side here that goes on. */
static inline void co_side_arrived(struct co_side *here, struct co_side *from)
{
#ifdef CO_ASAN
	__sanitizer_finish_switch_fiber(here->fake_stack, &from->stack,
					&from->stack_bytes);
#endif
}

/* The body of every coroutine, from its first switch to its unmapping. */
void co_main(void);

/* A coroutine that has no fn yet. NULL when there is no memory. */
struct co *co_pool_get(struct loop *loop);
void co_pool_put(struct co_pool *pool, struct co *co);

#endif
