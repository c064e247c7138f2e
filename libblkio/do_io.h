/* SPDX-License-Identifier: MIT */
/*
 * What a driver's do_io() slot is made of. Thread rule: on the thread that
 * uses the queue, without locks.
 */
#ifndef LIBBLKIO_DO_IO_H
#define LIBBLKIO_DO_IO_H

#include "libblkio/driver.h"
#include "util/compiler.h"

/* What is left of a call that has stored n completions. */
int queue_do_io_rest(struct blkioq *q, struct blkio_completion *completions,
		     unsigned n, unsigned min, unsigned max);

/* Requests have been submitted since the last call. */
static inline void queue_count_outstanding(struct blkioq *q)
{
	if (unlikely(q->outstanding > q->max_outstanding))
		__atomic_store_n(&q->max_outstanding, q->outstanding,
				 __ATOMIC_RELAXED);
}

/* Store r's completion, with ret; then request_put() is due. */
static inline void queue_store(struct blkioq *q, struct request *r, int ret,
			       struct blkio_completion *c)
{
	struct op_stats *stats = &q->stats[r->op];

	*c = (struct blkio_completion){
		.user_data = r->user_data,
		.error_msg = r->error_msg,
		.ret = ret,
	};
	/* only this thread writes to a counter */
	__atomic_store_n(&stats->fetched, stats->fetched + 1, __ATOMIC_RELAXED);
	if (likely(ret >= 0))
		__atomic_store_n(&stats->bytes, stats->bytes + r->len,
				 __ATOMIC_RELAXED);
	else
		__atomic_store_n(&q->errors, q->errors + 1, __ATOMIC_RELAXED);
}

#endif
