/* SPDX-License-Identifier: MIT */
/*
 * A request's way into the driver and back. The two functions on every
 * request's path are inline; what goes wrong is in queue.c.
 * Thread rule: on the thread that uses the queue, without locks.
 */
#ifndef LIBBLKIO_QUEUE_H
#define LIBBLKIO_QUEUE_H

#include "libblkio/driver.h"

/* Complete r, which the driver has not taken, with ret (-errno). */
void queue_fail(struct blkioq *q, struct request *r, int ret,
		const char *error_msg);

/* As queue_fail(), for a request that got no slot. */
void queue_fail_no_memory(struct blkioq *q, enum request_op op,
			  void *user_data);

/* As queue_fail(), for a request with a negative iovcnt; has no slot yet. */
void queue_fail_iovcnt(struct blkioq *q, enum request_op op, void *user_data);

/* As queue_fail(): flags has a bit that is not in allowed. */
void queue_fail_flags(struct blkioq *q, struct request *r, uint32_t allowed);

/* What the driver said to r when it did not take it. */
void queue_not_taken(struct blkioq *q, struct request *r, int ret);

void queue_push_backlog(struct blkioq *q, struct request *r);

static inline void queue_submit(struct blkioq *q, struct request *r)
{
	int ret;

	q->outstanding++;
	if (unlikely(q->backlog.head)) {
		queue_push_backlog(q, r);
		return;
	}
	ret = q->submit(q, r);
	if (unlikely(ret != 0))
		queue_not_taken(q, r, ret);
}

/* Set the thread's error text for what queue_do_io() has returned: ret. */
int queue_error(int ret);

/* As blkioq_get_stats(). Any thread. */
void queue_get_stats(const struct blkioq *q, struct blkio_queue_stats *s);

/*
 * Submit, wait, and store completions: blkioq_do_io() after its arguments
 * have been checked. Returns the completions stored, or what process()
 * returned.
 */
int queue_do_io(struct blkioq *q, struct blkio_completion *completions,
		unsigned min, unsigned max, const struct queue_wait *wait);

#endif
