/* SPDX-License-Identifier: MIT */
/*
 * Stackful coroutines, and what they wait with.
 *
 * A coroutine belongs to the thread that created it and never moves. It runs
 * when entered, until it yields or ends, on a stack of its own with a guard
 * page below; stacks are pooled per thread. A function that may yield has
 * co_ in its name and is for coroutines only.
 *
 * Threads: own thread only, except co_wake().
 */
#ifndef LOOP_CO_H
#define LOOP_CO_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct co;
struct loop;

typedef void co_fn(void *arg);

/*
 * A coroutine that will call fn(arg) when first entered, and is gone when fn
 * returns. The thread must have a loop. Returns NULL when there is no memory
 * for a stack.
 */
struct co *co_create(co_fn *fn, void *arg);

/*
 * Run co until it yields or ends. From the loop or from another coroutine,
 * which goes on when co stops. co must not be running (asserted).
 */
void co_enter(struct co *co);

/* Back to whoever entered this coroutine; returns when entered again. */
void co_yield(void);

/* The running coroutine, or NULL outside any. */
struct co *co_self(void);

/*
 * Have co entered from its loop, soon, as often as it is waked but not more
 * than once per iteration. Any thread. The waker must know that co is alive
 * and will not end before this wake has been delivered.
 */
void co_wake(struct co *co);

/* Let the loop go round once. */
void co_yield_to_loop(void);

/* Sleep. 0, or -ENOMEM when no timer could be armed. */
int co_sleep_ns(int64_t ns);

/* Create, enter; 0 or -ENOMEM. */
int co_start(co_fn *fn, void *arg);

/*
 * Run fn(arg) as a coroutine and the current loop until it has ended. Not
 * from a coroutine. 0 or -ENOMEM (fn did not run).
 */
int co_run(co_fn *fn, void *arg);

/* ---- queue of waiting coroutines: no lock, one thread ---- */

struct co_queue {
	struct list waiters; /* struct co_waiter on the waiters' stacks */
};

void co_queue_init(struct co_queue *q);
bool co_queue_empty(const struct co_queue *q);

/* Yield until waked through q; first come first served. */
void co_queue_wait(struct co_queue *q);

/* As co_queue_wait(), but ahead of all others: for one that was waked, found
 * that it has to wait on, and must not lose its turn. */
void co_queue_wait_front(struct co_queue *q);

/* Wake the first waiter (it runs from the loop, not from here). false when
 * nobody waits. */
bool co_queue_wake(struct co_queue *q);
void co_queue_wake_all(struct co_queue *q);

/* ---- mutex among the coroutines of one thread; FIFO ---- */

struct co_mutex {
	struct co *owner; /* NULL: free */
	struct co_queue queue;
};

void co_mutex_init(struct co_mutex *m);
void co_mutex_lock(struct co_mutex *m);
void co_mutex_unlock(struct co_mutex *m);

/* ---- group: start several, join them ---- */

struct co_group {
	unsigned running;
	struct co_queue joiners;
};

void co_group_init(struct co_group *g);

/* Create a coroutine in the group and enter it. 0 or -ENOMEM. */
int co_group_start(struct co_group *g, co_fn *fn, void *arg);

/* Yield until no coroutine of the group is left. */
void co_group_join(struct co_group *g);

/* ---- tuning and statistics, for tests and benchmarks ---- */

struct co_stats {
	uint64_t created;     /* coroutines started on this thread */
	uint64_t stacks_mapped; /* of those, how many needed a new stack */
};
void co_stats_get(struct co_stats *stats);

#endif
