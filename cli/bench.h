/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the bench verb share: the plan of a run, the workers (one
 * per thread), and the two ways to do requests: through the block layer
 * (bench_node.c) or through the library alone (bench_library.c).
 *
 * Threads: a worker's fields are its thread's from start until its done
 * bottom half has run on the main loop; stop is everybody's.
 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/histogram.h"
#include "cli/interrupt.h"
#include "cli/ticks.h"
#include "loop/loop.h"

struct options;

#define BENCH_MAX_THREADS 63
#define BENCH_MAX_DEPTH 4096

struct bench_worker {
	_Alignas(64) struct bench *bench; /* a cache line is one thread's */
	/* the plan, set by bench.c */
	uint64_t first_block, nr_blocks; /* what it may touch */
	uint64_t budget;		 /* requests it may still start */
	uint64_t next_block;		 /* sequential: from first_block */
	uint64_t random;		 /* state */
	/* the result */
	uint64_t requests; /* completed well */
	int ret;	   /* of the first failure */
	uint64_t failed_offset;
	struct histogram latency; /* ticks */
	/* set up by bench.c, scheduled once by the worker when it is done */
	struct loop_bh done;
	/* the backend's */
	void *backend;
};

struct bench {
	/* the plan */
	const char *disk;
	bool writes, random, measure_latency, library, poll_queues;
	unsigned depth, nr_threads;
	size_t block_bytes;
	int64_t time_ns; /* 0: until count */
	uint64_t count;	 /* requests of all threads; 0: until the time is up */
	/* the run; main thread */
	struct loop *loop;
	uint64_t size_bytes; /* set by the backend's open */
	void *backend;	     /* its own, set by open */
	struct bench_worker *workers;
	unsigned nr_running;
	struct loop_timer timer;
	struct interrupt interrupt;
	int64_t elapsed_ns;
	uint64_t elapsed_ticks;
	int64_t cpu_ns;
	/* all threads */
	atomic_bool stop;
};

struct bench_backend {
	const char *name;
	/* Open the disk, set size_bytes. 0 or -errno with nothing left open. */
	int (*open)(struct bench *bench, struct options *opts, struct err *err);
	/* Get ready what start should not take time for. 0 or -errno. */
	int (*prepare)(struct bench_worker *w);
	/* Start a worker; a failure is told by w->ret, and it is done. */
	void (*start)(struct bench_worker *w);
	/* After all that were started are done. */
	void (*close)(struct bench *bench);
};

extern const struct bench_backend bench_node, bench_library;

/* The offset of the next request; false: make no more. */
static inline bool bench_next(struct bench_worker *w, uint64_t *offset)
{
	const struct bench *b = w->bench;
	uint64_t block;

	if (w->budget == 0 ||
	    atomic_load_explicit(&b->stop, memory_order_relaxed))
		return false;
	w->budget--;
	if (b->random) {
		/* xorshift, then scaled by the high half of a product */
		w->random ^= w->random << 13;
		w->random ^= w->random >> 7;
		w->random ^= w->random << 17;
		block = (uint64_t)(((unsigned __int128)w->random *
				    w->nr_blocks) >>
				   64);
	} else {
		block = w->next_block;
		w->next_block = block + 1 < w->nr_blocks ? block + 1 : 0;
	}
	*offset = (w->first_block + block) * b->block_bytes;
	return true;
}

/*
 * A request is complete. begin is when it was made, in ticks; it becomes
 * now, when the same slot makes its next one: one reading a request. False
 * after a failure: the whole run ends.
 */
static inline bool bench_complete(struct bench_worker *w, uint64_t offset,
				  int ret, uint64_t *begin)
{
	struct bench *b = w->bench;

	if (unlikely(ret < 0)) {
		if (w->ret == 0) {
			w->ret = ret;
			w->failed_offset = offset;
		}
		atomic_store(&b->stop, true);
		return false;
	}
	w->requests++;
	if (b->measure_latency) {
		uint64_t now = ticks_now();

		/* counters of two processors may differ by a hair */
		if (likely(now > *begin))
			histogram_add(&w->latency, now - *begin);
		else
			histogram_add(&w->latency, 0);
		*begin = now;
	}
	return true;
}

#endif
