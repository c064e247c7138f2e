/* SPDX-License-Identifier: MIT */
/*
 * The driver's end of a packed ring: add and pop. See virtqueue_driver.h.
 *
 * Descriptors are written in place, complete but for the flags of the first of
 * a batch: as the device looks at one place only, that one withholds them all
 * until publish. Buffer IDs that are free are a list in the slots; in order, a
 * request's ID is its place, which nobody else can have. Failure modes: what
 * the device says is checked; a lie breaks the queue. Threads: one at a time.
 */
#include "proto/virtqueue_driver_add.h"

/* Write the descriptor at avail_idx and go on to the next place. */
static inline void put(struct vq_driver *q, uint64_t addr, uint32_t len,
		       uint16_t id, uint16_t flags)
{
	struct vq_packed_desc *d = &q->packed_desc[q->avail_idx];

	flags |= q->avail_flags;
	vq_store64(&d->addr, addr);
	if (q->nr_unpublished++ == 0) {
		vq_store32(&d->len, len);
		vq_store16(&d->id, id);
		q->first_flags = flags;
	} else {
		vq_store64(&d->len, vq_desc_word(len, id, flags));
	}
	if (++q->avail_idx == q->size) {
		q->avail_idx = 0;
		q->avail_flags ^= VQ_DESC_STATE;
	}
}

int vq_packed_driver_add(struct vq_driver *q, const struct vq_segment *segs,
			 uint32_t nr_readable, uint32_t nr_writable,
			 void *cookie)
{
	uint32_t nr = nr_readable + nr_writable;
	uint32_t entries = vq_entries(q, nr);
	uint16_t id = q->in_order ? q->avail_idx : q->free_head;

	if (unlikely(entries - 1 >= q->nr_free)) /* 0 entries, too */
		return vq_driver_no_room(q, nr);
	if (entries == nr) {
		for (uint32_t i = 0; i < nr; i++)
			put(q, segs[i].addr, segs[i].len_bytes, id,
			    (i >= nr_readable ? VQ_DESC_WRITE : 0) |
				    (i + 1 < nr ? VQ_DESC_NEXT : 0));
	} else {
		put(q, vq_fill_table(q, true, id, segs, nr_readable, nr),
		    nr * VQ_DESC_BYTES, id, VQ_DESC_INDIRECT);
	}
	vq_fill_slot(q, id, segs, nr_readable, nr, entries, cookie);
	q->free_head = q->slots[id].next;
	return id;
}

/* What completes next: 1, with id and bytes written; or 0 or -EPROTO. */
static inline int look(struct vq_driver *q, struct vq_completion *c,
		       struct err *err)
{
	const struct vq_packed_desc *d = &q->packed_desc[q->used_idx];
	/* acquire: after it, the rest of the descriptor, and what the device
	 * wrote to the requests' memory */
	uint16_t flags = vq_load16_acquire(&d->flags);

	if ((flags & VQ_DESC_STATE) != q->used_flags)
		return unlikely(q->broken) ? err_set(err, EPROTO,
						     "virtqueue: broken before")
					   : 0;
	c->id = vq_load16(&d->id);
	c->written_bytes = flags & VQ_DESC_WRITE ? vq_load32(&d->len) : 0;
	if (unlikely(!vq_completes(q, c->id, c->written_bytes)))
		return vq_driver_bad_completion(q, c->id, c->written_bytes,
						err);
	return 1;
}

int vq_packed_driver_pop(struct vq_driver *q, struct vq_completion *c,
			 struct err *err)
{
	int ret = q->in_batch ? 1 : look(q, c, err);

	if (ret <= 0)
		return ret;
	if (!q->in_order) {
		vq_complete(q, c);
		q->slots[c->id].next = q->free_head;
		q->free_head = c->id;
	} else {
		vq_complete_oldest(q, c);
	}
	q->used_idx += q->slots[c->id].nr_desc;
	if (q->used_idx >= q->size) {
		q->used_idx -= q->size;
		q->used_flags ^= VQ_DESC_STATE;
	}
	return 1;
}
