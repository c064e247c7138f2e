/* SPDX-License-Identifier: MIT */
/*
 * Registered buffers: with fixed-buffers, the mapped regions are pinned by
 * the kernel once, instead of for every request. Each ring registers them by
 * itself, in pieces of what the kernel takes at most.
 *
 * A queue's table of regions says which ones it has registered; process()
 * takes a newer table when there is one. Until then requests go by the
 * kernel's usual way, as they do in regions that the kernel refuses (no locked
 * memory left, file-backed memory), that find no room in the ring's table, or
 * when there is no memory: that is slower and never wrong.
 *
 * Memory that is unmapped is let go of at once, so that it can be freed, but
 * for a single issuer's ring, which only its own thread can change.
 *
 * Thread rule: find and update on the queue's thread; all that changes slots
 * under the instance's lock.
 */
#include "libblkio/drivers/io_uring/buffers.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the ring's table ---- */

static int set_slot(struct iou_queue *q, unsigned slot, void *addr, size_t len)
{
	const struct iovec iov = { addr, len };
	const __u64 tag = 0; /* nobody wants to know when it is let go */
	int ret = io_uring_register_buffers_update_tag(&q->ring, slot, &iov,
						       &tag, 1);

	return ret < 0 ? ret : 0;
}

static void clear_slots(struct iou_queue *q, struct iou_slots *s)
{
	for (unsigned i = 0; i < s->nr; i++) {
		/* can't fail: the slot exists, and is ours to change */
		set_slot(q, s->first + i, NULL, 0);
		q->buffers->used[s->first + i] = false;
	}
	s->nr = 0;
}

/* The first of nr free slots in a row, or IOU_BUFFERS_MAX. */
static unsigned find_slots(const struct iou_buffers *bufs, unsigned nr)
{
	unsigned run = 0;

	for (unsigned i = 0; i < IOU_BUFFERS_MAX; i++) {
		run = bufs->used[i] ? 0 : run + 1;
		if (run == nr)
			return i + 1 - nr;
	}
	return IOU_BUFFERS_MAX;
}

/* Register the region, or leave s empty. */
static void fill_slots(struct iou_queue *q, const struct blkio_mem_region *r,
		       struct iou_slots *s)
{
	uint64_t nr = (r->len - 1) / IOU_BUFFER_BYTES + 1;

	s->nr = 0;
	if (nr > IOU_BUFFERS_MAX)
		return;
	s->first = (uint16_t)find_slots(q->buffers, (unsigned)nr);
	if (s->first == IOU_BUFFERS_MAX)
		return;
	for (uint64_t done = 0; done < r->len; done += IOU_BUFFER_BYTES) {
		if (set_slot(q, s->first + s->nr, (char *)r->addr + done,
			     MIN(IOU_BUFFER_BYTES, r->len - done)) < 0) {
			clear_slots(q, s);
			return;
		}
		q->buffers->used[s->first + s->nr++] = true;
	}
}

/* ---- the queue's table ---- */

static struct iou_slots *slots_of(struct iou_queue *q, uint64_t id)
{
	const struct region_table *t = q->base.regions;

	for (unsigned i = 0; i < t->nr; i++)
		if (t->v[i].id == id)
			return &q->buffers->slots[i];
	return NULL;
}

/* Make slots those of t: move what is there already, let go, register. */
static void adopt(struct iou_queue *q, const struct region_table *t,
		  struct iou_slots *slots)
{
	uint64_t last_id = q->buffers->last_id;

	for (unsigned i = 0; i < t->nr; i++) {
		struct iou_slots *old = slots_of(q, t->v[i].id);

		if (old && t->v[i].r.len > 0) {
			slots[i] = *old;
			old->nr = 0;
		}
	}
	for (unsigned i = 0; i < q->base.regions->nr; i++)
		clear_slots(q, &q->buffers->slots[i]);
	for (unsigned i = 0; i < t->nr; i++)
		if (t->v[i].id > last_id && t->v[i].r.len > 0)
			fill_slots(q, &t->v[i].r, &slots[i]);
}

void iou_buffers_update(struct iou_queue *q)
{
	struct blkio *b = q->base.dev;
	struct iou_buffers *bufs = q->buffers;
	struct iou_slots *slots;

	pthread_mutex_lock(&b->lock);
	slots = calloc(b->mapped->nr + 1, sizeof(*slots));
	if (slots) {
		adopt(q, b->mapped, slots);
		free(bufs->slots);
		bufs->slots = slots;
		bufs->last_id = b->last_region_id;
		__atomic_store_n(&bufs->stale, false, __ATOMIC_RELAXED);
		regions_drop(&q->base);
		regions_hold(&q->base);
	}
	pthread_mutex_unlock(&b->lock);
}

static void unmapped(struct blkioq *bq, uint64_t id)
{
	struct iou_queue *q = to_iouq(bq);
	struct iou_slots *s = q->buffers ? slots_of(q, id) : NULL;

	if (!s || s->nr == 0)
		return;
	if (q->gone_fd < 0)
		clear_slots(q, s);
	else
		__atomic_store_n(&q->buffers->stale, true, __ATOMIC_RELAXED);
}

void iou_unmap_region(struct blkio *b, const struct mapped_region *m)
{
	for (int i = 0; i < b->queues.nr_slots; i++)
		if (b->queues.slots[i])
			unmapped(b->queues.slots[i], m->id);
	for (int i = 0; i < b->poll_queues.nr_slots; i++)
		if (b->poll_queues.slots[i])
			unmapped(b->poll_queues.slots[i], m->id);
}

bool iou_buffers_find(struct iou_queue *q, const void *addr, size_t len,
		      uint16_t *slot)
{
	const struct region_table *t =
		__atomic_load_n(&q->base.dev->mapped, __ATOMIC_ACQUIRE);
	const struct mapped_region *m;
	const struct iou_slots *s;
	uint64_t from, piece;

	m = t == q->base.regions && len > 0 ? region_find(t, addr, len) : NULL;
	if (!m)
		return false;
	s = &q->buffers->slots[m - t->v];
	from = (uint64_t)((const char *)addr - (const char *)m->r.addr);
	piece = from / IOU_BUFFER_BYTES;
	if (s->nr == 0 || (from + len - 1) / IOU_BUFFER_BYTES != piece)
		return false;
	*slot = (uint16_t)(s->first + piece);
	return true;
}

/* ---- life ---- */

int iou_buffers_init(struct iou_queue *q, struct err *err)
{
	struct iou_buffers *bufs;

	q->buffers = NULL;
	if (!iouq_dev(q)->fixed_buffers ||
	    io_uring_register_buffers_sparse(&q->ring, IOU_BUFFERS_MAX) < 0)
		return 0; /* before Linux 5.19 there are none */
	bufs = calloc(1, sizeof(*bufs));
	if (bufs)
		bufs->slots = calloc(q->base.regions->nr + 1,
				     sizeof(*bufs->slots));
	if (!bufs || !bufs->slots) {
		free(bufs);
		return err_set(err, ENOMEM, "Out of memory for a queue");
	}
	bufs->stale = true; /* nothing is registered yet */
	bufs->vectored = iou_has_opcode(&q->ring, IOU_OP_WRITEV_FIXED);
	q->buffers = bufs;
	return 0;
}

void iou_buffers_exit(struct iou_queue *q)
{
	if (q->buffers)
		free(q->buffers->slots);
	free(q->buffers);
}
