/* SPDX-License-Identifier: MIT */
/*
 * What adding and popping have in common for the driver's two ring formats;
 * for virtqueue_driver_*.c alone. Inline, since these run for each request.
 * Failure modes: a device's lies break the queue. Threads: one at a time.
 */
#ifndef PROTO_VIRTQUEUE_DRIVER_ADD_H
#define PROTO_VIRTQUEUE_DRIVER_ADD_H

#include <errno.h>
#include <inttypes.h>

#include "proto/virtqueue_driver.h"
#include "proto/virtqueue_ring.h"

/* Ring entries of a request with nr segments: one, if it is put in a table. */
static inline uint32_t vq_entries(const struct vq_driver *q, uint32_t nr)
{
	return nr > 1 && nr <= q->table_segments ? 1 : nr;
}

/* Why a request with nr segments doesn't get its entries. */
int vq_driver_no_room(const struct vq_driver *q, uint32_t nr);

/*
 * Fill the table of slot id, in the ring's format. Returns the bytes that the
 * device may write.
 */
static inline uint32_t vq_fill_table(const struct vq_driver *q, bool packed,
				     uint16_t id, const struct vq_segment *segs,
				     uint32_t nr_readable, uint32_t nr)
{
	char *table = q->tables + id * q->table_stride;
	struct vq_desc *d = (struct vq_desc *)table;
	uint16_t flags = packed ? 0 : VQ_DESC_NEXT;
	uint32_t bytes = 0;
	/* The device looks at it after publish; till then it's ours. */
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t len = segs[i].len_bytes;

		if (i >= nr_readable) {
			flags |= VQ_DESC_WRITE;
			bytes += len;
		}
		vq_store64(&d[i].addr, segs[i].addr);
		vq_store64(&d[i].len, packed ? vq_desc_word(len, 0, flags)
					     : vq_desc_word(len, flags, i + 1));
	}
	if (!packed)
		vq_store16(&d[nr - 1].flags, flags & VQ_DESC_WRITE);
	return bytes;
}

/*
 * Likewise, the id's frame, with that data. Head and tail are there; a device
 * that has changed them has fooled itself, for all that it can reach is its
 * own.
 */
static inline uint32_t vq_fill_frame(const struct vq_driver *q, bool packed,
				     uint16_t id, struct vq_segment data,
				     bool writable)
{
	struct vq_desc *d = (struct vq_desc *)(q->frames + id * VQ_FRAME_BYTES);
	uint16_t flags = writable ? VQ_DESC_WRITE : 0;

	vq_store64(&d[1].addr, data.addr);
	vq_store64(&d[1].len, packed ? vq_desc_word(data.len_bytes, 0, flags)
				     : vq_desc_word(data.len_bytes,
						    flags | VQ_DESC_NEXT, 2));
	return q->tail_bytes + (writable ? data.len_bytes : 0);
}

static inline uint64_t vq_frame_addr(const struct vq_driver *q, uint16_t id)
{
	return q->frames_addr + id * VQ_FRAME_BYTES;
}

static inline uint64_t vq_table_addr(const struct vq_driver *q, uint16_t id)
{
	return q->tables_addr + id * q->table_stride;
}

static inline struct vq_driver_slot *vq_fill_slot(struct vq_driver *q,
						  uint16_t id, uint32_t entries,
						  uint32_t writable_bytes,
						  void *cookie)
{
	struct vq_driver_slot *slot = &q->slots[id];

	slot->cookie = cookie;
	slot->seq = q->seq++;
	slot->writable_bytes = writable_bytes;
	slot->nr_desc = entries;
	q->nr_free -= entries;
	return slot;
}

/* The queue is broken; returns ret. */
int vq_driver_break(struct vq_driver *q, int ret);

/* The device says that id completed with len bytes written, which can't be. */
int vq_driver_bad_completion(struct vq_driver *q, uint32_t id, uint32_t len,
			     struct err *err);

/* Can it be? Slots that no request has are of the future as well. */
static inline bool vq_completes(const struct vq_driver *q, uint32_t id,
				uint32_t len)
{
	return id < q->size && q->slots[id].seq < q->seq_published &&
	       len <= q->slots[id].writable_bytes;
}

/* The request c->id is over: all of c but what was written. */
static inline struct vq_driver_slot *vq_complete(struct vq_driver *q,
						 struct vq_completion *c)
{
	struct vq_driver_slot *slot = &q->slots[c->id];

	slot->seq = UINT64_MAX;
	q->nr_free += slot->nr_desc;
	c->cookie = slot->cookie;
	return slot;
}

/*
 * In order: the oldest request, of the batch whose last is c, or was read
 * before. Those that the device skipped have been served completely.
 */
static inline struct vq_driver_slot *vq_complete_oldest(struct vq_driver *q,
							struct vq_completion *c)
{
	struct vq_driver_slot *slot = &q->slots[q->oldest];

	if (!q->in_batch) {
		q->batch_last = c->id;
		q->batch_bytes = c->written_bytes;
	}
	c->id = q->oldest;
	q->in_batch = c->id != q->batch_last;
	c->written_bytes = q->in_batch ? slot->writable_bytes : q->batch_bytes;
	vq_complete(q, c);
	q->oldest += slot->nr_desc;
	if (q->oldest >= q->size)
		q->oldest -= q->size;
	return slot;
}

#endif
