/* SPDX-License-Identifier: MIT */
/*
 * Inside of the loop, shared by the files of this folder (and by tests that
 * look at what adaptive polling has learnt). One file per kind of callback:
 * fd.c, timer.c, bh.c, defer.c; poll.c decides how long to wait; loop.c puts
 * them in order. Own thread only, but for what is marked "any thread".
 */
#ifndef LOOP_LOOP_INT_H
#define LOOP_LOOP_INT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "loop/loop.h"
#include "util/compiler.h"
#include "util/list.h"

#define LOOP_CACHE_LINE 64

/* Length of the first spin that adaptive polling tries, in nanoseconds. */
#define LOOP_POLL_MIN_NS 4000

/* Of waits up to so many times the longest spin, each nth makes it try one. */
#define LOOP_TRY_WITHIN 4
#define LOOP_TRY_EVERY 16u

/*
 * While callbacks keep the loop from waiting, epoll is asked only every so
 * many iterations: each time when the last answer had events, then half as
 * often after each empty answer, down to this.
 */
#define LOOP_FD_CHECK_MAX 32u

#define LOOP_BATCH 64

/* Timers are compared by what lies in the array: no access to the timer. */
struct timer_slot {
	int64_t deadline_ns;
	uint64_t seq; /* arming order, decides between equal deadlines */
	struct loop_timer *timer;
};

/* One walk over loop->polled; handlers may vanish during its callbacks. */
struct poll_cursor {
	struct list_node *next;
	struct poll_cursor *outer; /* the walk that this one is nested in */
};

/* Free coroutines of the loop's thread, see co_stack.c. */
struct co_pool {
	struct co *free; /* linked by pool_next */
	unsigned free_count;
	unsigned live;		/* created and not ended */
	uint64_t created;	/* since loop_create() */
	uint64_t stacks_mapped; /* since loop_create() */
};

struct loop {
	/* fd.c */
	int epoll_fd;
	unsigned fds;		     /* registered handlers */
	struct list polled;	     /* handlers with a poll callback */
	struct poll_cursor *cursors; /* innermost first */
	bool busy; /* in the last walk someone had work outstanding */
	int batch_next, batch_end; /* [next, end) of batch is to be delivered */
	unsigned fd_check_in;	   /* iterations until epoll is asked again */
	unsigned fd_check_every;   /* current period of that */
	bool no_pwait2;		   /* the kernel has no epoll_pwait2(2) */

	/* defer.c */
	unsigned plug_depth; /* open sections of the innermost run */
	struct loop_defer *defer_first, **defer_end;

	/* timer.c */
	struct timer_slot *timers; /* binary heap */
	int timers_len, timers_max;
	uint64_t timer_seq;
	int64_t timers_run_ns; /* time of the last look at the heap */

	/* poll.c */
	int64_t poll_ns;     /* how long to spin, found by trying */
	int64_t poll_max_ns; /* upper bound; 0: never spin */
	unsigned late_waits; /* a bit too long, while it didn't spin */

	/* bh.c */
	struct loop_bh *bh_first, **bh_end; /* to be run, in order */
	int wake_fd; /* eventfd; in epoll edge-triggered, never read */

	/* loop.c */
	struct loop_bh stop_bh; /* scheduled by loop_stop() */
	bool stopped;		/* loop_run() is to return */

	struct co_pool co_pool;

	struct epoll_event batch[LOOP_BATCH]; /* .events holds LOOP_ bits */

	/* any thread */
	alignas(LOOP_CACHE_LINE) _Atomic(struct loop_bh *) bh_incoming;
	atomic_bool sleeping; /* a wake-up needs a write to wake_fd */
};

/* ---- fd.c ---- */

int loop_fds_init(struct loop *loop, struct err *err);
void loop_fds_destroy(struct loop *loop);

/* Take events into the empty batch; timeout_ns < 0: none. true if any. */
bool loop_fds_fetch(struct loop *loop, int64_t timeout_ns);
bool loop_fds_dispatch(struct loop *loop);

/* Ask all polled handlers and call those that are ready. */
bool loop_fds_run_polled(struct loop *loop);

/* ---- timer.c ---- */

bool loop_timers_run(struct loop *loop);

/* ---- bh.c ---- */

int loop_bhs_init(struct loop *loop, struct err *err);
void loop_bhs_destroy(struct loop *loop);
bool loop_bhs_run(struct loop *loop);

static inline bool loop_bhs_pending(struct loop *loop)
{
	return loop->bh_first ||
	       atomic_load_explicit(&loop->bh_incoming, memory_order_relaxed);
}

/* Announce that the thread goes to sleep; false when it must not. */
bool loop_bhs_sleep(struct loop *loop);
void loop_bhs_awake(struct loop *loop);

/* ---- defer.c ---- */

bool loop_defers_run(struct loop *loop);

/* ---- poll.c ---- */

/* Nothing is ready: spin and block until something may be. */
void loop_wait(struct loop *loop);

/* ---- co_stack.c ---- */

/* Unmap all stacks; no coroutine may be left (asserted). */
void co_pool_destroy(struct co_pool *pool);

#endif
