/* SPDX-License-Identifier: MIT */
/*
 * Requests into SQEs, CQEs into completions.
 *
 * Most requests are plain: one buffer, and a CQE that says that all of it was
 * transferred. Everything else goes through look_closer(): errors worth
 * another try, short transfers, the end of the file, requests that take two
 * steps (write zeroes with FUA). What needs another SQE goes to the queue's
 * again list, which process() empties.
 *
 * A short transfer is continued where it stopped, from the last multiple of
 * the request alignment. One that gets no further has met the end: reads of
 * a regular file are filled up with zeroes, all else is -EIO.
 *
 * Thread rule: the queue's thread. SQEs reach the kernel in queue.c.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/falloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "libblkio/do_io.h"
#include "libblkio/drivers/io_uring/buffers.h"
#include "util/iov.h"

/* More than this and the kernel's "try again" is passed on. */
#define RETRIES_MAX 64

/* ---- SQEs ---- */

/* The next SQE, to be filled completely by assignment. */
static inline struct io_uring_sqe *sqe_next(struct iou_queue *q)
{
	q->owed++;
	return &q->sqes[q->tail++ & q->sq_mask];
}

static inline void fill_rw(struct iou_queue *q, struct iou_request *r,
			   unsigned op, uint64_t start, const void *addr,
			   uint32_t len, uint16_t slot)
{
	*sqe_next(q) = (struct io_uring_sqe){
		.opcode = (uint8_t)op,
		.flags = IOSQE_FIXED_FILE,
		.off = start,
		.addr = (uintptr_t)addr,
		.len = len,
		.rw_flags = r->base.flags & BLKIO_REQ_FUA ? RWF_DSYNC : 0,
		.user_data = (uintptr_t)r,
		.buf_index = slot,
	};
}

/* A single buffer's data, of READ and WRITE or of a vector of one. */
static char *single_buf(const struct iou_request *r)
{
	if (r->base.op == REQUEST_READ || r->base.op == REQUEST_WRITE)
		return r->base.buf;
	return r->base.iov[0].iov_base;
}

static void fill_fallocate(struct iou_queue *q, struct iou_request *r)
{
	*sqe_next(q) = (struct io_uring_sqe){
		.opcode = IORING_OP_FALLOCATE,
		.flags = IOSQE_FIXED_FILE,
		.off = r->base.start,
		.addr = r->base.len,
		.len = (uint32_t)r->mode,
		.user_data = (uintptr_t)r,
	};
}

static void fill_fdatasync(struct iou_queue *q, struct iou_request *r)
{
	*sqe_next(q) = (struct io_uring_sqe){
		.opcode = IORING_OP_FSYNC,
		.flags = IOSQE_FIXED_FILE,
		.fsync_flags = IORING_FSYNC_DATASYNC,
		.user_data = (uintptr_t)r,
	};
}

static void fill_discard_cmd(struct iou_queue *q, struct iou_request *r)
{
	*sqe_next(q) = (struct io_uring_sqe){
		.opcode = IORING_OP_URING_CMD,
		.flags = IOSQE_FIXED_FILE,
		.cmd_op = IOU_BLOCK_CMD_DISCARD,
		.addr = r->base.start,
		.addr3 = r->base.len,
		.user_data = (uintptr_t)r,
	};
}

static void fill_poll(struct iou_queue *q, struct iou_request *r)
{
	*sqe_next(q) = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD,
		.fd = q->port.event_fd,
		.poll_events = POLLIN,
		.user_data = (uintptr_t)r,
	};
}

void iou_fill(struct iou_queue *q, struct iou_request *r)
{
	switch (r->opcode) {
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
		fill_rw(q, r, r->opcode, r->base.start + r->pos,
			single_buf(r) + r->pos, (uint32_t)r->left, r->slot);
		break;
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IOU_OP_READV_FIXED:
	case IOU_OP_WRITEV_FIXED:
		fill_rw(q, r, r->opcode, r->base.start + r->pos,
			r->rest ? r->rest->iov : r->base.iov,
			r->rest ? r->rest_count : r->base.count, r->slot);
		break;
	case IORING_OP_FALLOCATE:
		fill_fallocate(q, r);
		break;
	case IORING_OP_FSYNC:
		fill_fdatasync(q, r);
		break;
	case IORING_OP_URING_CMD:
		fill_discard_cmd(q, r);
		break;
	case IORING_OP_POLL_ADD:
		fill_poll(q, r);
		break;
	}
}

/* ---- submission ---- */

static int refuse(struct iou_request *r, int ret, const char *error_msg)
{
	r->base.error_msg = error_msg;
	return ret;
}

/* To io_uring, offset -1 means the file's own. */
static int refuse_start(struct iou_request *r)
{
	return refuse(r, -EINVAL, "start must fit in a signed 64-bit integer");
}

static int submit_rw(struct iou_queue *q, struct iou_request *r, unsigned op,
		     void *buf, size_t len)
{
	if (unlikely(len > UINT32_MAX))
		return refuse(r, -EINVAL, "len must fit in an unsigned 32-bit "
			      "integer");
	if (unlikely(r->base.start > INT64_MAX))
		return refuse_start(r);
	r->left = len;
	if (unlikely(q->buffers) && iou_buffers_find(q, buf, len, &r->slot))
		op = op == IORING_OP_READ ? IORING_OP_READ_FIXED :
					    IORING_OP_WRITE_FIXED;
	r->opcode = (uint8_t)op;
	fill_rw(q, r, op, r->base.start, buf, (uint32_t)len, r->slot);
	return 0;
}

/* Whether the whole vector lies in one registered buffer: its slot. */
static bool find_vector(struct iou_queue *q, const struct request *req,
			uint16_t *slot)
{
	uint16_t other;

	if (!q->buffers->vectored || req->len == 0)
		return false;
	for (uint32_t i = 0; i < req->count; i++) {
		const struct iovec *v = &req->iov[i];

		if (!iou_buffers_find(q, v->iov_base, v->iov_len, &other) ||
		    (i > 0 && other != *slot))
			return false;
		*slot = other;
	}
	return true;
}

/* op is the opcode for a vector of one. */
static int submit_rwv(struct iou_queue *q, struct iou_request *r, unsigned op)
{
	const struct iovec *iov = r->base.iov;
	size_t bytes;

	if (likely(r->base.count == 1) && iov && iov->iov_len <= UINT32_MAX) {
		r->base.len = iov->iov_len;
		return submit_rw(q, r, op, iov->iov_base, iov->iov_len);
	}
	if (r->base.start > INT64_MAX)
		return refuse_start(r);
	if (r->base.count > IOV_MAX)
		return refuse(r, -EINVAL, "iovcnt exceeds max-segments");
	if (!iov && r->base.count)
		return refuse(r, -EFAULT, "iovec is NULL");
	if (!iov_size_checked(iov, (int)r->base.count, &bytes) ||
	    bytes > INT64_MAX)
		return refuse(r, -EINVAL, "sum of iovec lengths must fit in a "
			      "signed 64-bit integer");
	r->base.len = r->left = bytes;
	if (q->buffers && find_vector(q, &r->base, &r->slot))
		r->opcode = op == IORING_OP_READ ? IOU_OP_READV_FIXED :
						   IOU_OP_WRITEV_FIXED;
	else
		r->opcode = op == IORING_OP_READ ? IORING_OP_READV :
						   IORING_OP_WRITEV;
	fill_rw(q, r, r->opcode, r->base.start, iov, r->base.count, r->slot);
	return 0;
}

static int submit_write_zeroes(struct iou_queue *q, struct iou_request *r)
{
	const struct iou_dev *d = iouq_dev(q);
	uint32_t flags = r->base.flags;

	/* only zeroing that keeps the space extends a file: what the
	 * reference does */
	if (flags & BLKIO_REQ_NO_UNMAP)
		r->mode = FALLOC_FL_ZERO_RANGE |
			  (d->block_device ? FALLOC_FL_KEEP_SIZE : 0);
	else
		r->mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	if (d->block_device && !d->native_zeroes) {
		if (flags & BLKIO_REQ_NO_FALLBACK)
			return refuse(r, -ENOTSUP, "the block device does not "
				      "support write zeroes with "
				      "BLKIO_REQ_NO_FALLBACK");
		r->mode = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
	}
	r->left = IOU_LEFT_UNKNOWN;
	r->opcode = IORING_OP_FALLOCATE;
	fill_fallocate(q, r);
	return 0;
}

static int submit_discard(struct iou_queue *q, struct iou_request *r)
{
	if (r->base.len == 0)
		return refuse(r, -EINVAL, "len must not be 0");
	r->left = 0;
	switch (iouq_dev(q)->discard) {
	case IOU_DISCARD_PUNCH:
		r->mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
		r->opcode = IORING_OP_FALLOCATE;
		fill_fallocate(q, r);
		return 0;
	case IOU_DISCARD_CMD:
		r->opcode = IORING_OP_URING_CMD;
		fill_discard_cmd(q, r);
		return 0;
	case IOU_DISCARD_IOCTL:
		return iou_offload(q, r);
	}
	__builtin_unreachable();
}

static int submit_flush(struct iou_queue *q, struct iou_request *r)
{
	r->left = 0;
	r->opcode = IORING_OP_FSYNC;
	fill_fdatasync(q, r);
	return 0;
}

static int submit_other(struct iou_queue *q, struct iou_request *r)
{
	if (q->base.poll)
		return refuse(r, -ENOTSUP, "request not supported on poll "
			      "queues for this driver");
	switch (r->base.op) {
	case REQUEST_WRITE_ZEROES:
		return submit_write_zeroes(q, r);
	case REQUEST_DISCARD:
		return submit_discard(q, r);
	case REQUEST_FLUSH:
		return submit_flush(q, r);
	case REQUEST_BLOCK_STATUS:
		return iou_offload(q, r);
	default:
		return refuse(r, -ENOTSUP,
			      "request not supported for this driver");
	}
}

/* All but base of a request that begins. */
static void init_transfer(struct iou_request *r)
{
	r->base.plain = false;
	r->pos = 0;
	r->high = 0;
	r->rest = NULL;
	r->retries = 0;
	r->slot = 0;
}

static __attribute__((noinline)) int submit_not_plain(struct iou_queue *q,
						      struct iou_request *r)
{
	struct request *req = &r->base;

	init_transfer(r);
	switch (req->op) {
	case REQUEST_READ:
		return submit_rw(q, r, IORING_OP_READ, req->buf, req->len);
	case REQUEST_WRITE:
		return submit_rw(q, r, IORING_OP_WRITE, req->buf, req->len);
	case REQUEST_READV:
		return submit_rwv(q, r, IORING_OP_READ);
	case REQUEST_WRITEV:
		return submit_rwv(q, r, IORING_OP_WRITE);
	default:
		return submit_other(q, r);
	}
}

static_assert(REQUEST_READ == 0 && REQUEST_WRITE == 1 &&
		      IORING_OP_WRITE == IORING_OP_READ + 1,
	      "a plain request's opcode follows from its op");

int iou_submit(struct blkioq *bq, struct request *req)
{
	struct iou_queue *q = to_iouq(bq);
	struct iou_request *r = to_iour(req);

	if (unlikely(!iou_has_room(q)))
		return -EAGAIN;
	if (unlikely(req->op > REQUEST_WRITE || req->len > UINT32_MAX ||
		     req->start > INT64_MAX || q->buffers))
		return submit_not_plain(q, r);
	req->plain = true;
	fill_rw(q, r, IORING_OP_READ + req->op, req->start, req->buf,
		(uint32_t)req->len, 0);
	return 0;
}

/* ---- completion ---- */

static void done(struct iou_queue *q, struct iou_request *r, int ret)
{
	if (r->rest) {
		list_remove(&r->rest->link);
		free(r->rest);
	}
	request_done(&q->base, &r->base, ret);
}

static void again(struct iou_queue *q, struct iou_request *r)
{
	request_fifo_push(&q->again, &r->base);
}

static bool is_read(const struct iou_request *r)
{
	return r->base.op == REQUEST_READ || r->base.op == REQUEST_READV;
}

static bool is_vector(const struct iou_request *r)
{
	return r->opcode == IORING_OP_READV || r->opcode == IORING_OP_WRITEV ||
	       r->opcode == IOU_OP_READV_FIXED ||
	       r->opcode == IOU_OP_WRITEV_FIXED;
}

/* Nothing more comes: bytes from offset from on were not transferred. */
static void end_met(struct iou_queue *q, struct iou_request *r, uint64_t from)
{
	uint64_t len = r->pos + r->left - from;

	if (!is_read(r) || iouq_dev(q)->block_device) {
		done(q, r, -EIO);
		return;
	}
	if (is_vector(r))
		iov_zero(r->base.iov, (int)r->base.count, from, len);
	else
		memset(single_buf(r) + from, 0, len);
	done(q, r, 0);
}

/* Describe the remainder by an iovec of our own; 0 or -ENOMEM. */
static int trim_iovec(struct iou_queue *q, struct iou_request *r)
{
	if (!r->rest) {
		r->rest = malloc(sizeof(*r->rest) +
				 r->base.count * sizeof(struct iovec));
		if (!r->rest)
			return -ENOMEM;
		list_push_back(&q->rests, &r->rest->link);
	}
	r->rest_count = (uint32_t)iov_slice(r->rest->iov, (int)r->base.count,
					    r->base.iov, (int)r->base.count,
					    r->pos, r->left, NULL);
	return 0;
}

static void transferred(struct iou_queue *q, struct iou_request *r,
			uint32_t bytes)
{
	uint64_t end = r->pos + r->left, now = r->pos + bytes;
	int ret = 0;

	if (now == end) {
		done(q, r, 0);
		return;
	}
	if (now <= r->high) {
		end_met(q, r, now);
		return;
	}
	r->high = now;
	r->pos = ALIGN_DOWN(now, (uint64_t)iouq_dev(q)->align);
	r->left = end - r->pos;
	if (is_vector(r))
		ret = trim_iovec(q, r);
	if (ret < 0)
		done(q, r, ret);
	else
		again(q, r);
}

/* A step of write zeroes has ended: fallocate(2), then fdatasync(2) if FUA. */
static void zeroed(struct iou_queue *q, struct iou_request *r, int res)
{
	const int slow = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;

	if (res == -EOPNOTSUPP && r->opcode == IORING_OP_FALLOCATE &&
	    iouq_dev(q)->block_device && r->mode != slow &&
	    !(r->base.flags & BLKIO_REQ_NO_FALLBACK)) {
		/* the device promised what it can't do; write zeroes */
		r->mode = slow;
		again(q, r);
	} else if (res == 0 && r->opcode == IORING_OP_FALLOCATE &&
		   r->base.flags & BLKIO_REQ_FUA) {
		r->opcode = IORING_OP_FSYNC;
		again(q, r);
	} else {
		done(q, r, res);
	}
}

static bool worth_retrying(int res)
{
	return res == -EAGAIN || res == -EINTR || res == -EBUSY;
}

/* What went without saying while all seemed well. */
static void spell_out(struct iou_request *r)
{
	init_transfer(r);
	r->left = r->base.len;
	r->opcode = (uint8_t)(IORING_OP_READ + r->base.op);
}

static void look_closer(struct iou_queue *q, struct iou_request *r, int res)
{
	if (r->base.plain)
		spell_out(r);
	/* a negative result equals no left */
	if ((uint64_t)(int64_t)res == r->left) {
		done(q, r, 0);
	} else if (r == &q->wake) {
		iou_offload_collect(q);
	} else if (worth_retrying(res) && r->retries < RETRIES_MAX) {
		r->retries++;
		again(q, r);
	} else if (r->base.op == REQUEST_WRITE_ZEROES) {
		zeroed(q, r, res);
	} else if (res < 0) {
		done(q, r, res);
	} else {
		transferred(q, r, (uint32_t)res);
	}
}

static inline bool went_well(const struct iou_request *r, int res)
{
	return likely(r->base.plain && (uint64_t)(int64_t)res == r->base.len);
}

void iou_reap(struct iou_queue *q)
{
	const struct io_uring_cq *cq = &q->ring.cq;
	unsigned tail = io_uring_smp_load_acquire(cq->ktail);
	unsigned first = *cq->khead, head = first;

	for (; head != tail; head++) {
		const struct io_uring_cqe *cqe =
			&cq->cqes[head & cq->ring_mask];
		struct iou_request *r = (void *)(uintptr_t)cqe->user_data;

		if (went_well(r, cqe->res))
			request_done(&q->base, &r->base, 0);
		else
			look_closer(q, r, cqe->res);
	}
	q->owed -= head - first;
	io_uring_smp_store_release(cq->khead, head);
}

unsigned iou_reap_into(struct iou_queue *q,
		       struct blkio_completion *completions, unsigned max)
{
	const struct io_uring_cqe *cqes = q->ring.cq.cqes;
	struct blkio_completion *next = completions;
	unsigned tail = io_uring_smp_load_acquire(q->ring.cq.ktail);
	unsigned mask = q->ring.cq.ring_mask, n;
	unsigned first = *q->ring.cq.khead, head = first;

	if (tail - head > max)
		tail = head + max;
	for (; head != tail; head++) {
		const struct io_uring_cqe *cqe = &cqes[head & mask];
		struct iou_request *r = (void *)(uintptr_t)cqe->user_data;

		if (went_well(r, cqe->res)) {
			queue_store(&q->base, &r->base, 0, next++);
			request_put(&q->base.pool, &r->base);
		} else {
			look_closer(q, r, cqe->res);
		}
	}
	n = (unsigned)(next - completions);
	q->owed -= head - first;
	q->base.outstanding -= n;
	io_uring_smp_store_release(q->ring.cq.khead, head);
	return n;
}
