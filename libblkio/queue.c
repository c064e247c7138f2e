/* SPDX-License-Identifier: MIT */
/*
 * The request path behind blkioq_*(): requests that the driver refuses, the
 * backlog of those it has no room for, waiting, and handing out completions.
 *
 * Requests refused at submission come before all others. Completions stay on
 * the queue's lists until a call succeeds, so a call that fails (timeout,
 * signal) loses nothing; it makes the completion fd readable instead, because
 * the device's own signal for them may have been consumed already.
 *
 * Thread rule: on the thread that uses the queue, without locks.
 */
#include "libblkio/queue.h"

#include <errno.h>
#include <string.h>

#include "libblkio/do_io.h"
#include "libblkio/error_msg.h"

void queue_signal(struct blkioq *q)
{
	if (!q->poll)
		q->dev->drv->signal(q);
}

/* ---- requests that don't get in ---- */

static void push_failed(struct blkioq *q, struct request *r, int ret,
			const char *error_msg)
{
	r->ret = ret;
	r->error_msg = error_msg;
	request_fifo_push(&q->failed, r);
	q->ready++;
	queue_signal(q);
}

void queue_fail(struct blkioq *q, struct request *r, int ret,
		const char *error_msg)
{
	q->outstanding++;
	push_failed(q, r, ret, error_msg);
}

void queue_fail_no_memory(struct blkioq *q, enum request_op op, void *user_data)
{
	struct request *r = request_get_reserved(&q->pool);

	if (!r) {
		q->lost++;
		return;
	}
	r->user_data = user_data;
	r->op = op;
	queue_fail(q, r, -ENOMEM, "Out of memory");
}

void queue_fail_iovcnt(struct blkioq *q, enum request_op op, void *user_data)
{
	struct request *r = request_get(&q->pool);

	if (!r) {
		queue_fail_no_memory(q, op, user_data);
		return;
	}
	r->user_data = user_data;
	r->op = op;
	queue_fail(q, r, -EINVAL,
		   "iovcnt must be non-negative and fit in a "
		   "signed 32-bit integer");
}

void queue_fail_flags(struct blkioq *q, struct request *r, uint32_t allowed)
{
	uint32_t bad = r->flags & ~allowed;
	const char *msg;

	if (bad & ~(BLKIO_REQ_FUA | BLKIO_REQ_NO_UNMAP | BLKIO_REQ_NO_FALLBACK))
		msg = "unsupported bits in request flags";
	else if (bad & BLKIO_REQ_FUA)
		msg = "BLKIO_REQ_FUA is invalid for this request type";
	else if (bad & BLKIO_REQ_NO_UNMAP)
		msg = "BLKIO_REQ_NO_UNMAP is invalid for this request type";
	else
		msg = "BLKIO_REQ_NO_FALLBACK is invalid for this request type";
	queue_fail(q, r, -EINVAL, msg);
}

static void refused(struct blkioq *q, struct request *r, int ret)
{
	if (ret == -ENOTSUP && !r->error_msg)
		r->error_msg = "request not supported for this driver";
	push_failed(q, r, ret, r->error_msg);
}

void queue_push_backlog(struct blkioq *q, struct request *r)
{
	request_fifo_push(&q->backlog, r);
	q->nr_backlog++;
}

void queue_not_taken(struct blkioq *q, struct request *r, int ret)
{
	if (ret == -EAGAIN)
		queue_push_backlog(q, r);
	else
		refused(q, r, ret);
}

/* ---- waiting ---- */

static unsigned in_flight(const struct blkioq *q)
{
	return q->outstanding - q->ready - q->nr_backlog;
}

/* Offer the driver what waits for room; true if it took something. */
static RARELY bool submit_backlog(struct blkioq *q)
{
	bool moved = false;
	struct request *r;

	while ((r = q->backlog.head)) {
		struct request *next =
			r->next; /* a driver that takes r links it */
		int ret = q->submit(q, r);

		if (ret == -EAGAIN && in_flight(q) > 0)
			break;
		if (ret == -EAGAIN) /* it would wait for ever */
			ret = -EIO;
		q->backlog.head = next;
		if (!next)
			q->backlog.tail = &q->backlog.head;
		q->nr_backlog--;
		if (ret < 0)
			refused(q, r, ret);
		else
			moved = true;
	}
	return moved;
}

/* How many completions to wait for; what is in the backlog can't complete. */
static unsigned wanted(const struct blkioq *q, unsigned min)
{
	if (q->ready >= min)
		return 0;
	if (q->backlog.head) /* refill as soon as there is room */
		return MIN(in_flight(q), 1u);
	return min - q->ready;
}

/* Process until min completions are ready; 0 or what process() returned. */
static int process(struct blkioq *q, unsigned min, bool reap,
		   const struct queue_wait *wait)
{
	const struct driver *drv = q->dev->drv;
	bool moved = false;
	int ret;

	do {
		ret = drv->process(q, wanted(q, min), reap, wait);
		if (unlikely(q->backlog.head))
			moved = submit_backlog(q);
	} while (ret == 0 && q->ready < min);
	if (moved)
		drv->process(q, 0, false, wait);
	return ret;
}

/* ---- completions ---- */

/* fetch() for requests refused at submission */
static RARELY unsigned fetch_failed(struct blkioq *q,
				    struct blkio_completion *completions,
				    unsigned max)
{
	unsigned n = 0;

	while (q->failed.head && n < max) {
		struct request *r = request_fifo_pop(&q->failed);

		queue_store(q, r, r->ret, &completions[n++]);
		request_put_reserved(&q->pool, r);
	}
	return n;
}

/* Store up to max completions and free their slots; returns how many. */
static unsigned fetch(struct blkioq *q, struct blkio_completion *completions,
		      unsigned max)
{
	unsigned n = 0;
	struct request *r;

	if (unlikely(q->failed.head))
		n = fetch_failed(q, completions, max);
	for (r = q->done.head; r && n < max; r = q->done.head) {
		queue_store(q, r, r->ret, &completions[n++]);
		q->done.head = r->next;
		request_put(&q->pool, r);
	}
	if (!q->done.head)
		q->done.tail = &q->done.head;
	q->ready -= n;
	q->outstanding -= n;
	return n;
}

void queue_get_stats(const struct blkioq *q, struct blkio_queue_stats *s)
{
	uint64_t fetched[REQUEST_NR_OPS], bytes[REQUEST_NR_OPS], all = 0;

	for (int op = 0; op < REQUEST_NR_OPS; op++) {
		fetched[op] = __atomic_load_n(&q->stats[op].fetched,
					      __ATOMIC_RELAXED);
		bytes[op] =
			__atomic_load_n(&q->stats[op].bytes, __ATOMIC_RELAXED);
		all += fetched[op];
	}
	*s = (struct blkio_queue_stats){
		.reads = fetched[REQUEST_READ] + fetched[REQUEST_READV],
		.writes = fetched[REQUEST_WRITE] + fetched[REQUEST_WRITEV],
		.write_zeroes = fetched[REQUEST_WRITE_ZEROES],
		.discards = fetched[REQUEST_DISCARD],
		.flushes = fetched[REQUEST_FLUSH],
		.read_bytes = bytes[REQUEST_READ] + bytes[REQUEST_READV],
		.write_bytes = bytes[REQUEST_WRITE] + bytes[REQUEST_WRITEV],
		.errors = __atomic_load_n(&q->errors, __ATOMIC_RELAXED),
		.max_outstanding =
			__atomic_load_n(&q->max_outstanding, __ATOMIC_RELAXED),
	};
	s->others = all - s->reads - s->writes - s->write_zeroes - s->discards -
		    s->flushes;
}

int queue_do_io(struct blkioq *q, struct blkio_completion *completions,
		unsigned min, unsigned max, const struct queue_wait *wait)
{
	int ret;

	/* what is outstanding has only grown since the last fetch */
	queue_count_outstanding(q);
	ret = process(q, min, max > 0, wait);

	/* an error is told as soon as there is nothing better to tell */
	if (unlikely(ret < 0) && q->ready < MAX(min, 1u)) {
		if (q->ready > 0)
			queue_signal(q);
		return ret;
	}
	return fetch(q, completions, max);
}

RARELY int queue_do_io_rest(struct blkioq *q,
			    struct blkio_completion *completions, unsigned n,
			    unsigned min, unsigned max)
{
	const struct queue_wait wait = {.deadline_ns = INT64_MAX};
	int ret = queue_do_io(q, completions + n, min > n ? min - n : 0,
			      max - n, &wait);

	/* an error will be met again by the next call */
	if (n > 0)
		return (int)n + MAX(ret, 0);
	return ret < 0 ? queue_error(ret) : ret;
}

int queue_error(int ret)
{
	if (ret == -ETIME)
		return error_msg_set(ETIME, "Timed out");
	if (ret == -EPERM)
		return error_msg_set(EPERM,
				     "queue belongs to the thread of its first "
				     "blkioq_do_io() (single-issuer)");
	return error_msg_set(-ret, "%s while waiting for completions",
			     strerrordesc_np(-ret));
}
