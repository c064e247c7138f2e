/* SPDX-License-Identifier: MIT */
/*
 * Requests of virtio-blk: checked, then put on the ring; completed, or taken
 * a step further. A write with FUA has a flush as its second step; write
 * zeroes and discard above the device's limits go range by range. An ID comes
 * by way of the ring's memory, so that it needs no mapped region.
 *
 * Failure modes, all told before the device sees anything: -EINVAL for
 * numbers, limits and what is beyond the capacity as last heard of, -EFAULT
 * for memory that is not in a mapped region, -EBADF on a read-only device,
 * -ENOTSUP, -EIO when the device is gone.
 *
 * Thread rule: on the queue's thread, without locks, without allocation.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "libblkio/drivers/virtio-blk/phases.h"
#include "libblkio/regions.h"

/* with a byte of status, more than a chain of descriptors may have */
#define DATA_MAX (UINT32_MAX - VIRTIO_BLK_SECTOR_BYTES + 1)

static RARELY int refuse(struct request *r, int ret, const char *error_msg)
{
	r->error_msg = error_msg;
	return ret;
}

static bool has_feature(const struct vblk_queue *q, uint64_t feature)
{
	return to_vblk(q->base.dev)->features & feature;
}

static bool is_data(const struct request *r)
{
	return r->op <= REQUEST_WRITEV;
}

static bool is_read(const struct request *r)
{
	return r->op == REQUEST_READ || r->op == REQUEST_READV;
}

/* ---- onto the ring ---- */

static inline void set_segment(struct vq_segment *s, const void *p,
			       uint32_t len)
{
	*s = (struct vq_segment){(uintptr_t)p, len};
}

/* Of the request to be added next */
static inline union vblk_extra *next_extra(struct vblk_queue *q)
{
	return &q->extras[vq_driver_next_id(&q->vq)];
}

static inline uint8_t *status_of(const struct vblk_queue *q, uint16_t id)
{
	return vq_driver_tail(&q->vq, id);
}

static inline void fill_header(struct vblk_queue *q, uint16_t id,
			       const struct virtio_blk_request *header)
{
	virtio_blk_request_encode(vq_driver_head(&q->vq, id), header);
	*status_of(q, id) = VIRTIO_BLK_S_NONE;
}

/*
 * Add r with nr segments after the first, of which the device reads
 * nr_readable. 0, or as vq_driver_add().
 */
static int add(struct vblk_queue *q, struct vblk_request *r,
	       const struct virtio_blk_request *header, uint32_t nr_readable,
	       uint32_t nr_writable)
{
	uint16_t id = vq_driver_next_id(&q->vq);
	uint32_t nr = 1 + nr_readable + nr_writable;
	int ret;

	fill_header(q, id, header);
	set_segment(&q->segs[0], vq_driver_head(&q->vq, id),
		    VIRTIO_BLK_REQUEST_LEN);
	set_segment(&q->segs[nr], status_of(q, id), VIRTIO_BLK_STATUS_LEN);
	ret = vq_driver_add(&q->vq, q->segs, 1 + nr_readable, nr_writable + 1,
			    r);
	return ret < 0 ? ret : 0;
}

static int add_flush(struct vblk_queue *q, struct vblk_request *r)
{
	const struct virtio_blk_request header = {.type = VIRTIO_BLK_T_FLUSH};

	return add(q, r, &header, 0, 0);
}

static int add_range(struct vblk_queue *q, struct vblk_request *r)
{
	const struct vblk_dev *d = to_vblk(q->base.dev);
	bool zeroes = r->base.op == REQUEST_WRITE_ZEROES;
	uint64_t len = MIN(r->base.len - r->ranged, d->max_range[zeroes]);
	const struct virtio_blk_request header = {
		.type = zeroes ? VIRTIO_BLK_T_WRITE_ZEROES
			       : VIRTIO_BLK_T_DISCARD,
	};
	const struct virtio_blk_segment range = {
		.sector = (r->base.start + r->ranged) / VIRTIO_BLK_SECTOR_BYTES,
		.num_sectors = len / VIRTIO_BLK_SECTOR_BYTES,
		.flags = zeroes && !(r->base.flags & BLKIO_REQ_NO_UNMAP)
				 ? VIRTIO_BLK_SEGMENT_UNMAP
				 : 0,
	};
	union vblk_extra *extra = next_extra(q);
	int ret;

	virtio_blk_segment_encode(extra->segment, &range);
	set_segment(&q->segs[1], extra->segment, sizeof(extra->segment));
	ret = add(q, r, &header, 1, 0);
	if (ret == 0)
		r->range = range.num_sectors;
	return ret;
}

static int add_get_id(struct vblk_queue *q, struct vblk_request *r)
{
	const struct virtio_blk_request header = {.type = VIRTIO_BLK_T_GET_ID};
	union vblk_extra *extra = next_extra(q);

	/* a device may write fewer */
	memset(extra->id, 0, sizeof(extra->id));
	set_segment(&q->segs[1], extra->id, sizeof(extra->id));
	return add(q, r, &header, 0, 1);
}

/* nr buffers are in segs already. */
static int add_data(struct vblk_queue *q, struct vblk_request *r, unsigned nr)
{
	bool read = is_read(&r->base);
	const struct virtio_blk_request header = {
		.type = read ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT,
		.sector = r->base.start / VIRTIO_BLK_SECTOR_BYTES,
	};

	return add(q, r, &header, read ? 0 : nr, read ? nr : 0);
}

/* ---- checks ---- */

/* Of any request but a flush. */
static int check_shape(const struct vblk_queue *q, struct request *r,
		       const char *error_msg)
{
	const struct blkio *b = q->base.dev;

	if (unlikely(!IS_ALIGNED(r->start | r->len,
				 (uint64_t)b->info.request_alignment)))
		return refuse(r, -EINVAL, error_msg);
	if (unlikely(b->read_only && !is_read(r)))
		return refuse(r, -EBADF, "device is read-only");
	return 0;
}

static inline int check_end(const struct vblk_queue *q, struct request *r)
{
	/* control calls learn of another one at any time */
	uint64_t capacity =
		__atomic_load_n(&q->base.dev->info.capacity, __ATOMIC_RELAXED);

	if (unlikely(r->len > capacity || r->start > capacity - r->len))
		return refuse(r, -EINVAL, "range ends behind the capacity");
	return 0;
}

static inline int put_buffer(struct vblk_queue *q, struct request *r,
			     unsigned index, const void *p, uint64_t len)
{
	const struct device_info *info = &q->base.dev->info;

	if (unlikely(!queue_region(&q->base, p, len)))
		return refuse(r, -EFAULT,
			      "buffer is not in a mapped memory "
			      "region");
	if (unlikely(len > DATA_MAX || (info->max_segment_len > 0 &&
					len > (uint64_t)info->max_segment_len)))
		return refuse(r, -EINVAL, "segment above max-segment-len");
	set_segment(&q->segs[1 + index], p, len);
	return 0;
}

/* A readv or writev gets its length. A sum that overflows is beyond any end. */
static int set_length(const struct vblk_queue *q, struct request *r)
{
	r->len = 0;
	if (unlikely(!r->iov && r->count > 0))
		return refuse(r, -EFAULT, "iovec is NULL");
	if (unlikely(r->count > (unsigned)q->base.dev->info.max_segments))
		return refuse(r, -EINVAL, "more segments than max-segments");
	for (uint32_t i = 0; i < r->count; i++)
		if (__builtin_add_overflow(r->len, r->iov[i].iov_len, &r->len))
			return refuse(r, -EINVAL, "invalid len");
	return 0;
}

/* The buffers into segs: how many. */
static int put_buffers(struct vblk_queue *q, struct request *r)
{
	unsigned nr = 0;
	int ret = 0;

	if (likely(r->op < REQUEST_READV)) {
		if (r->len > 0)
			ret = put_buffer(q, r, nr++, r->buf, r->len);
		return ret < 0 ? ret : (int)nr;
	}
	for (uint32_t i = 0; i < r->count && ret == 0; i++)
		if (r->iov[i].iov_len > 0)
			ret = put_buffer(q, r, nr++, r->iov[i].iov_base,
					 r->iov[i].iov_len);
	return ret < 0 ? ret : (int)nr;
}

/* ---- submission ---- */

/* Nothing for the device to do. */
static RARELY int done_already(struct vblk_queue *q, struct request *r)
{
	request_done(&q->base, r, 0);
	if (q->base.completion_fd_enabled)
		queue_signal(&q->base);
	return 0;
}

static int submit_data(struct vblk_queue *q, struct request *r)
{
	int nr, ret = r->op >= REQUEST_READV ? set_length(q, r) : 0;

	if (likely(ret == 0))
		ret = check_shape(q, r, "invalid start offset or len");
	if (unlikely(ret < 0))
		return ret;
	nr = put_buffers(q, r);
	if (unlikely(nr <= 0))
		return nr < 0 ? nr : done_already(q, r);
	if (unlikely(r->len > DATA_MAX))
		return refuse(r, -EINVAL, "len must be below 4 GiB");
	ret = check_end(q, r);
	return unlikely(ret < 0) ? ret : add_data(q, to_vblkr(r), nr);
}

/* From r->ranged on. */
static int submit_range(struct vblk_queue *q, struct request *r,
			uint64_t feature)
{
	int ret;

	if (!has_feature(q, feature))
		return -ENOTSUP;
	ret = check_shape(q, r, "invalid len or start offset");
	if (ret == 0)
		ret = r->len == 0 ? done_already(q, r) : check_end(q, r);
	return ret < 0 || r->len == 0 ? ret : add_range(q, to_vblkr(r));
}

static int submit_get_id(struct vblk_queue *q, struct request *r)
{
	if (!r->buf)
		return refuse(r, -EFAULT, "id is NULL");
	return add_get_id(q, to_vblkr(r));
}

static int submit_other(struct vblk_queue *q, struct request *r)
{
	if (r->op == REQUEST_WRITE_ZEROES)
		return submit_range(q, r, VIRTIO_BLK_F_WRITE_ZEROES);
	if (r->op == REQUEST_DISCARD)
		return submit_range(q, r, VIRTIO_BLK_F_DISCARD);
	if (r->op == REQUEST_GET_ID)
		return submit_get_id(q, r);
	if (r->op != REQUEST_FLUSH)
		return -ENOTSUP;
	if (!has_feature(q, VIRTIO_BLK_F_FLUSH))
		return done_already(q, r);
	return add_flush(q, to_vblkr(r));
}

static RARELY int submit(struct vblk_queue *q, struct request *r)
{
	if (vblk_phase(q) != VBLK_RUNNING)
		return vblk_hold(q, r);
	if (vq_driver_free(&q->vq) == 0)
		return -EAGAIN;
	if (is_data(r))
		return submit_data(q, r);
	to_vblkr(r)->ranged = 0;
	return submit_other(q, r);
}

/* A read or write of one buffer, with nothing against it */
static inline bool is_common(struct vblk_queue *q, const struct request *r)
{
	const struct blkio *b = q->base.dev;
	uint64_t align = b->info.request_alignment;
	uint64_t capacity =
		__atomic_load_n(&b->info.capacity, __ATOMIC_RELAXED);

	return r->op <= REQUEST_WRITE && vblk_phase(q) == VBLK_RUNNING &&
	       vq_driver_free(&q->vq) > 0 && vq_driver_can_frame(&q->vq) &&
	       IS_ALIGNED(r->start | r->len, align) &&
	       !(b->read_only && r->op == REQUEST_WRITE) && r->len > 0 &&
	       r->len <= DATA_MAX && b->info.max_segment_len == 0 &&
	       r->len <= capacity && r->start <= capacity - r->len &&
	       queue_region(&q->base, r->buf, r->len);
}

int vblk_submit(struct blkioq *bq, struct request *r)
{
	struct vblk_queue *q = to_vblkq(bq);
	bool read = r->op == REQUEST_READ;
	const struct virtio_blk_request header = {
		.type = read ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT,
		.sector = r->start / VIRTIO_BLK_SECTOR_BYTES,
	};
	const struct vq_segment data = {(uintptr_t)r->buf, r->len};

	to_vblkr(r)->flushing = false;
	if (unlikely(!is_common(q, r)))
		return submit(q, r);
	fill_header(q, vq_driver_next_id(&q->vq), &header);
	vq_driver_add_framed(&q->vq, data, read, r);
	return 0;
}

int vblk_add_again(struct vblk_queue *q, struct request *r)
{
	if (vq_driver_free(&q->vq) == 0)
		return -EAGAIN;
	if (to_vblkr(r)->flushing)
		return add_flush(q, to_vblkr(r));
	return is_data(r) ? submit_data(q, r) : submit_other(q, r);
}

/* ---- completion ---- */

static void store_id(const union vblk_extra *extra,
		     const struct vblk_request *r)
{
	char *id = r->base.buf;

	memcpy(id, extra->id, VIRTIO_BLK_ID_LEN);
	id[VIRTIO_BLK_ID_LEN] = '\0';
}

/* Add the next step, if there is one: 1, 0 if there is none, or -errno. */
static RARELY int next_step(struct vblk_queue *q, uint16_t id,
			    struct vblk_request *r)
{
	struct request *base = &r->base;
	int ret;

	if (r->flushing || base->op == REQUEST_FLUSH || is_read(base))
		return 0;
	if (base->op == REQUEST_GET_ID) {
		store_id(&q->extras[id], r);
		return 0;
	}
	if (!is_data(base)) {
		r->ranged += (uint64_t)r->range * VIRTIO_BLK_SECTOR_BYTES;
		if (r->ranged < base->len) {
			ret = add_range(q, r);
			return ret < 0 ? ret : 1;
		}
	}
	if (!(base->flags & BLKIO_REQ_FUA) ||
	    !has_feature(q, VIRTIO_BLK_F_FLUSH))
		return 0;
	r->flushing = true;
	ret = add_flush(q, r);
	return ret < 0 ? ret : 1;
}

void vblk_completed(struct vblk_queue *q, const struct vq_completion *c)
{
	struct vblk_request *r = c->cookie;
	/* once: it is the device's memory */
	uint8_t status = __atomic_load_n(status_of(q, c->id), __ATOMIC_RELAXED);
	int ret = 0;

	if (unlikely(status != VIRTIO_BLK_S_OK))
		ret = virtio_blk_status_to_errno(status);
	else if (unlikely(!is_data(&r->base) || r->base.flags & BLKIO_REQ_FUA))
		ret = next_step(q, c->id, r);
	/* no later step takes more room than the one that is over */
	assert(ret != -EAGAIN);
	if (likely(ret <= 0))
		request_done(&q->base, &r->base, ret == -EPROTO ? -EIO : ret);
}
