/* SPDX-License-Identifier: MIT */
/*
 * Which requests a synthetic device refuses, and which it lets fail. The
 * order: what the driver can't do, read-only, limits, range, faults.
 * Thread rule: on the queue's thread.
 */
#include "libblkio/drivers/synthetic/synthetic.h"

#include <errno.h>

#include "libblkio/regions.h"
#include "util/iov.h"

static int refuse(struct request *r, int errnum, const char *msg)
{
	r->error_msg = msg;
	return -errnum;
}

/* align below 2: everything is aligned */
static bool misaligned(uint64_t x, int align)
{
	return align > 1 && x % align;
}

/* limit below 1: none */
static bool exceeds(uint64_t x, uint64_t limit)
{
	return limit > 0 && x > limit;
}

static uint64_t int_limit(int limit)
{
	return MAX(limit, 0);
}

static int check_segment(struct blkioq *q, struct request *r,
			 const struct iovec *iov)
{
	const struct device_info *info = &q->dev->info;

	if (!iov->iov_base && iov->iov_len > 0)
		return refuse(r, EFAULT, "buffer is NULL");
	if (misaligned((uintptr_t)iov->iov_base, info->buf_alignment) ||
	    misaligned(iov->iov_len, info->buf_alignment))
		return refuse(r, EINVAL, "buffer violates buf-alignment");
	if (exceeds(iov->iov_len, int_limit(info->max_segment_len)))
		return refuse(r, EINVAL, "segment exceeds max-segment-len");
	if (info->needs_mem_regions && iov->iov_len > 0 &&
	    !queue_region(q, iov->iov_base, iov->iov_len))
		return refuse(r, EFAULT,
			      "buffer is in no mapped memory "
			      "region");
	return 0;
}

static int check_transfer(struct blkioq *q, struct request *r,
			  const struct iovec *iov, uint32_t count)
{
	const struct device_info *info = &q->dev->info;
	size_t len;

	if (!iov && count > 0)
		return refuse(r, EFAULT, "iovec is NULL");
	if (exceeds(count, int_limit(info->max_segments)))
		return refuse(r, EINVAL, "iovcnt exceeds max-segments");
	if (!iov_size_checked(iov, count, &len))
		return refuse(r, EINVAL, "length of the iovec overflows");
	r->len = len;
	if (exceeds(len, int_limit(info->max_transfer)))
		return refuse(r, EINVAL, "length exceeds max-transfer");
	for (uint32_t i = 0; i < count; i++) {
		int ret = check_segment(q, r, &iov[i]);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* ---- by kind of request ---- */

static int check_discard(const struct device_info *info, struct request *r)
{
	if (exceeds(r->len, info->max_discard_len))
		return refuse(r, EINVAL, "length exceeds max-discard-len");
	if (misaligned(r->start - info->discard_alignment_offset,
		       info->discard_alignment) ||
	    misaligned(r->len, info->discard_alignment))
		return refuse(r, EINVAL, "range violates discard-alignment");
	return 0;
}

static int check_limits(struct blkioq *q, struct request *r)
{
	const struct device_info *info = &q->dev->info;
	const struct iovec one = {r->buf, r->len};

	switch (r->op) {
	case REQUEST_READ:
	case REQUEST_WRITE:
		return check_transfer(q, r, &one, 1);
	case REQUEST_READV:
	case REQUEST_WRITEV:
		return check_transfer(q, r, r->iov, r->count);
	case REQUEST_WRITE_ZEROES:
		if (exceeds(r->len, info->max_write_zeroes_len))
			return refuse(r, EINVAL,
				      "length exceeds max-write-zeroes-len");
		return 0;
	case REQUEST_DISCARD:
		return check_discard(info, r);
	case REQUEST_BLOCK_STATUS:
		if (r->count == 0)
			return refuse(r, EINVAL, "max_extents is 0");
		if (!r->extents)
			return refuse(r, EFAULT, "extents is NULL");
		return 0;
	case REQUEST_FLUSH:
		return 0;
	default:
		return -ENOTSUP;
	}
}

static bool is_write(const struct request *r)
{
	return r->op == REQUEST_WRITE || r->op == REQUEST_WRITEV ||
	       r->op == REQUEST_WRITE_ZEROES || r->op == REQUEST_DISCARD;
}

/* ---- faults ---- */

/* Whether r, which matches, is one of those that fail. */
static bool is_faulty(struct synth_dev *d)
{
	uint64_t nr = __atomic_fetch_add(&d->matched, 1, __ATOMIC_RELAXED);

	return nr >= d->error_after &&
	       (d->error_count == 0 || nr - d->error_after < d->error_count);
}

int synth_check(struct blkioq *q, struct request *r)
{
	struct synth_dev *d = to_synth(q->dev);
	uint64_t capacity = synth_capacity(d);
	int ret;

	if (d->base.read_only && is_write(r))
		return refuse(r, EBADF, "device is read-only");
	ret = check_limits(q, r);
	if (ret < 0)
		return ret;
	if (r->op != REQUEST_BLOCK_STATUS &&
	    (misaligned(r->start, d->base.info.request_alignment) ||
	     misaligned(r->len, d->base.info.request_alignment)))
		return refuse(r, EINVAL, "range violates request-alignment");
	if (r->start > capacity || r->len > capacity - r->start) {
		if (r->op == REQUEST_BLOCK_STATUS)
			return refuse(r, EINVAL, "range beyond the capacity");
		r->ret = is_write(r) ? -ENOSPC : -EIO;
	} else if (d->error_mask & 1u << r->op && is_faulty(d)) {
		r->ret = -d->error_errno;
	}
	return 0;
}
