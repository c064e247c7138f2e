/* SPDX-License-Identifier: MIT */
/*
 * Public entry points, data path: fill a request slot and submit it; check
 * the arguments of do_io and keep its timeout. No locks, no system calls.
 */
#include <errno.h>
#include <string.h>

#include "libblkio/api.h"
#include "libblkio/error_msg.h"
#include "libblkio/queue.h"
#include "util/clock.h"

#define ALL_FLAGS (BLKIO_REQ_FUA | BLKIO_REQ_NO_UNMAP | BLKIO_REQ_NO_FALLBACK)

/* ---- requests ---- */

/*
 * The three ways in. Fields are stored one by one and the functions inlined,
 * so that a request goes from registers straight into its slot.
 */
static inline __attribute__((always_inline)) void
submit_slot(struct blkioq *q, struct request *r, enum request_op op,
	    uint64_t start, uint64_t len, const void *data, uint32_t count,
	    void *user_data, uint32_t flags, uint32_t allowed_flags)
{
	r->user_data = user_data;
	r->error_msg = NULL;
	r->ret = 0;
	r->flags = flags;
	r->start = start;
	r->len = len;
	r->buf = (void *)data;
	r->count = count;
	r->op = op;
	if (unlikely(flags & ~allowed_flags))
		queue_fail_flags(q, r, allowed_flags);
	else
		queue_submit(q, r);
}

/* Apart from submit(), which then has no arguments to keep over a call. */
static RARELY void submit_growing(struct blkioq *q, enum request_op op,
				  uint64_t start, uint64_t len,
				  const void *data, uint32_t count,
				  void *user_data, uint32_t flags,
				  uint32_t allowed_flags)
{
	struct request *r = request_get(&q->pool);

	if (r)
		submit_slot(q, r, op, start, len, data, count, user_data, flags,
			    allowed_flags);
	else
		queue_fail_no_memory(q, op, user_data);
}

static inline __attribute__((always_inline)) void
submit(struct blkioq *q, enum request_op op, uint64_t start, uint64_t len,
       const void *data, uint32_t count, void *user_data, uint32_t flags,
       uint32_t allowed_flags)
{
	if (likely(q->pool.free))
		submit_slot(q, request_get(&q->pool), op, start, len, data,
			    count, user_data, flags, allowed_flags);
	else
		submit_growing(q, op, start, len, data, count, user_data, flags,
			       allowed_flags);
}

static inline __attribute__((always_inline)) void
submit_buf(struct blkioq *q, enum request_op op, uint64_t start,
	   const void *buf, uint64_t len, void *user_data, uint32_t flags,
	   uint32_t allowed_flags)
{
	submit(q, op, start, len, buf, 0, user_data, flags, allowed_flags);
}

static inline __attribute__((always_inline)) void
submit_iov(struct blkioq *q, enum request_op op, uint64_t start,
	   const struct iovec *iov, int iovcnt, void *user_data, uint32_t flags,
	   uint32_t allowed_flags)
{
	if (unlikely(iovcnt < 0))
		queue_fail_iovcnt(q, op, user_data);
	else
		submit(q, op, start, 0, iov, iovcnt, user_data, flags,
		       allowed_flags);
}

BLKIO_PUBLIC void blkioq_read(struct blkioq *q, uint64_t start, void *buf,
			      size_t len, void *user_data, uint32_t flags)
{
	submit_buf(q, REQUEST_READ, start, buf, len, user_data, flags, 0);
}

BLKIO_PUBLIC void blkioq_write(struct blkioq *q, uint64_t start,
			       const void *buf, size_t len, void *user_data,
			       uint32_t flags)
{
	submit_buf(q, REQUEST_WRITE, start, buf, len, user_data, flags,
		   BLKIO_REQ_FUA);
}

BLKIO_PUBLIC void blkioq_readv(struct blkioq *q, uint64_t start,
			       const struct iovec *iovec, int iovcnt,
			       void *user_data, uint32_t flags)
{
	submit_iov(q, REQUEST_READV, start, iovec, iovcnt, user_data, flags, 0);
}

BLKIO_PUBLIC void blkioq_writev(struct blkioq *q, uint64_t start,
				struct iovec *iovec, int iovcnt,
				void *user_data, uint32_t flags)
{
	submit_iov(q, REQUEST_WRITEV, start, iovec, iovcnt, user_data, flags,
		   BLKIO_REQ_FUA);
}

BLKIO_PUBLIC void blkioq_write_zeroes(struct blkioq *q, uint64_t start,
				      uint64_t len, void *user_data,
				      uint32_t flags)
{
	submit_buf(q, REQUEST_WRITE_ZEROES, start, NULL, len, user_data, flags,
		   ALL_FLAGS);
}

BLKIO_PUBLIC void blkioq_discard(struct blkioq *q, uint64_t start, uint64_t len,
				 void *user_data, uint32_t flags)
{
	submit_buf(q, REQUEST_DISCARD, start, NULL, len, user_data, flags, 0);
}

BLKIO_PUBLIC void blkioq_flush(struct blkioq *q, void *user_data,
			       uint32_t flags)
{
	submit_buf(q, REQUEST_FLUSH, 0, NULL, 0, user_data, flags, 0);
}

BLKIO_PUBLIC void blkioq_block_status(struct blkioq *q, uint64_t start,
				      uint64_t len,
				      struct blkio_extent *extents,
				      uint32_t max_extents, void *user_data,
				      uint32_t flags)
{
	submit(q, REQUEST_BLOCK_STATUS, start, len, extents, max_extents,
	       user_data, flags, 0);
}

BLKIO_PUBLIC void blkioq_report_zones(struct blkioq *q, uint64_t offset,
				      struct blkio_zone *zones,
				      uint32_t nr_zones, void *user_data,
				      uint32_t flags)
{
	submit(q, REQUEST_REPORT_ZONES, offset, 0, zones, nr_zones, user_data,
	       flags, 0);
}

BLKIO_PUBLIC void blkioq_get_id(struct blkioq *q, char *id, void *user_data,
				uint32_t flags)
{
	submit_buf(q, REQUEST_GET_ID, 0, id, 0, user_data, flags, 0);
}

#define DEFINE_ZONE_REQUEST(name, op)                                    \
	BLKIO_PUBLIC void name(struct blkioq *q, uint64_t offset,        \
			       void *user_data, uint32_t flags)          \
	{                                                                \
		submit_buf(q, op, offset, NULL, 0, user_data, flags, 0); \
	}

#define DEFINE_ALL_ZONES_REQUEST(name, op)                          \
	BLKIO_PUBLIC void name(struct blkioq *q, void *user_data,   \
			       uint32_t flags)                      \
	{                                                           \
		submit_buf(q, op, 0, NULL, 0, user_data, flags, 0); \
	}

DEFINE_ZONE_REQUEST(blkioq_close_zone, REQUEST_CLOSE_ZONE)
DEFINE_ZONE_REQUEST(blkioq_finish_zone, REQUEST_FINISH_ZONE)
DEFINE_ZONE_REQUEST(blkioq_open_zone, REQUEST_OPEN_ZONE)
DEFINE_ZONE_REQUEST(blkioq_reset_zone, REQUEST_RESET_ZONE)
DEFINE_ALL_ZONES_REQUEST(blkioq_close_all_zones, REQUEST_CLOSE_ALL_ZONES)
DEFINE_ALL_ZONES_REQUEST(blkioq_finish_all_zones, REQUEST_FINISH_ALL_ZONES)
DEFINE_ALL_ZONES_REQUEST(blkioq_open_all_zones, REQUEST_OPEN_ALL_ZONES)
DEFINE_ALL_ZONES_REQUEST(blkioq_reset_all_zones, REQUEST_RESET_ALL_ZONES)

/* ---- timeout ---- */

static int64_t deadline_after(int64_t now_ns, const struct timespec *timeout)
{
	/* one second less than what fits leaves room for tv_nsec */
	if (timeout->tv_sec >= (INT64_MAX - now_ns) / NS_PER_SEC - 1)
		return INT64_MAX;
	return now_ns + timeout->tv_sec * NS_PER_SEC + timeout->tv_nsec;
}

/* Leave what is left after elapsed_ns; never less than nothing. */
static void subtract_elapsed(struct timespec *timeout, int64_t elapsed_ns)
{
	timeout->tv_sec -= elapsed_ns / NS_PER_SEC;
	timeout->tv_nsec -= elapsed_ns % NS_PER_SEC;
	if (timeout->tv_nsec < 0) {
		timeout->tv_nsec += NS_PER_SEC;
		timeout->tv_sec--;
	}
	if (timeout->tv_sec < 0)
		*timeout = (struct timespec){0, 0};
}

static int do_io_timeout(struct blkioq *q, struct blkio_completion *completions,
			 unsigned min, unsigned max, struct timespec *timeout,
			 struct queue_wait *wait)
{
	int64_t began_ns = clock_now_ns();
	int ret;

	wait->deadline_ns = deadline_after(began_ns, timeout);
	ret = queue_do_io(q, completions, min, max, wait);
	if (ret == -ETIME)
		*timeout = (struct timespec){0, 0};
	else
		subtract_elapsed(timeout, clock_now_ns() - began_ns);
	return ret;
}

/* ---- do_io ---- */

static bool bad_timespec(const struct timespec *t)
{
	return t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= NS_PER_SEC;
}

/* The first check that fails, in the documented order. */
static int arguments_error(const struct blkio_completion *completions, int min,
			   int max, const struct timespec *timeout)
{
	if (timeout && timeout->tv_sec < 0)
		return error_msg_set(EINVAL, "tv_sec cannot be negative");
	if (timeout && bad_timespec(timeout))
		return error_msg_set(EINVAL,
				     "tv_nsec must be less than one second");
	if (min < 0)
		return error_msg_set(EINVAL,
				     "min_completions cannot be negative");
	if (max < 0)
		return error_msg_set(EINVAL,
				     "max_completions cannot be negative");
	if (min > max)
		return error_msg_set(EINVAL,
				     "min_completions must be less "
				     "than or equal to max_completions");
	return error_msg_set(EINVAL, "max_completions must be 0 when "
				     "completions is NULL");
}

static int too_many_wanted(const struct blkioq *q, int min)
{
	return error_msg_set(EINVAL,
			     "min_completions is larger than total "
			     "outstanding requests: %d of %u",
			     min, q->outstanding);
}

static int requests_lost(struct blkioq *q)
{
	unsigned lost = q->lost;

	q->lost = 0;
	return error_msg_set(ENOMEM,
			     "Out of memory: %u requests were dropped "
			     "and will not complete",
			     lost);
}

static __attribute__((noinline)) int
do_io(struct blkioq *q, struct blkio_completion *completions, int min, int max,
      struct timespec *timeout, const sigset_t *sig, bool interruptible)
{
	struct queue_wait wait = {
		.deadline_ns = INT64_MAX,
		.sig = sig,
		.interruptible = interruptible,
	};
	int ret;

	if (unlikely((timeout && bad_timespec(timeout)) || min < 0 ||
		     min > max || (!completions && max > 0)))
		return arguments_error(completions, min, max, timeout);
	if (unlikely(sig && q->poll))
		return error_msg_set(EOPNOTSUPP,
				     "blkioq_do_io_interruptible() "
				     "is not supported on poll queues");
	if (unlikely(q->lost))
		return requests_lost(q);
	if (unlikely((unsigned)min > q->outstanding))
		return too_many_wanted(q, min);
	if (timeout && (unsigned)min > q->ready)
		ret = do_io_timeout(q, completions, min, max, timeout, &wait);
	else
		ret = queue_do_io(q, completions, min, max, &wait);
	return likely(ret >= 0) ? ret : queue_error(ret);
}

BLKIO_PUBLIC int blkioq_do_io(struct blkioq *q,
			      struct blkio_completion *completions,
			      int min_completions, int max_completions,
			      struct timespec *timeout)
{
	/* what most calls are: arguments in order, nothing held back here */
	if (likely(!timeout && (unsigned)min_completions <= 1 &&
		   min_completions <= max_completions &&
		   (completions || max_completions == 0) &&
		   (unsigned)min_completions <= q->outstanding &&
		   (q->ready | q->nr_backlog | q->lost) == 0))
		return q->do_io(q, completions, (unsigned)min_completions,
				(unsigned)max_completions);
	return do_io(q, completions, min_completions, max_completions, timeout,
		     NULL, false);
}

BLKIO_PUBLIC int
blkioq_do_io_interruptible(struct blkioq *q,
			   struct blkio_completion *completions,
			   int min_completions, int max_completions,
			   struct timespec *timeout, const sigset_t *sig)
{
	return do_io(q, completions, min_completions, max_completions, timeout,
		     sig, true);
}

/* ---- memory ---- */

BLKIO_PUBLIC int blkioq_reserve(struct blkioq *q, unsigned nr_requests)
{
	unsigned there = q->pool.nr_slots - REQUEST_RESERVE;

	if (nr_requests > there &&
	    request_pool_add(&q->pool, nr_requests - there) < 0)
		return error_msg_set(ENOMEM, "Out of memory for %u requests",
				     nr_requests);
	return 0;
}

/* ---- statistics ---- */

BLKIO_PUBLIC void blkioq_get_stats(struct blkioq *q,
				   struct blkio_queue_stats *stats)
{
	if (stats)
		queue_get_stats(q, stats);
}

/* ---- completion fd ---- */

BLKIO_PUBLIC int blkioq_get_completion_fd(struct blkioq *q)
{
	return q->completion_fd;
}

BLKIO_PUBLIC void blkioq_set_completion_fd_enabled(struct blkioq *q,
						   bool enable)
{
	if (q->poll || q->completion_fd_enabled == enable)
		return;
	q->completion_fd_enabled = enable;
	q->dev->drv->completion_fd_changed(q);
}
