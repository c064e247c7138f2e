/* SPDX-License-Identifier: MIT */
/*
 * The driver's end of a packed ring: add and pop. See virtqueue_driver.h.
 *
 * Descriptors are written in place, complete but for the flags of the first of
 * a batch, which stay those of a used one: as the device looks at one place
 * only, that one withholds them all until publish. Buffer IDs that are free are
 * a list in the slots; in order, a request's ID is its place, which nobody else
 * can have. Failure modes: what the device says is checked; a lie breaks the
 * queue. Threads: one at a time.
 */
#include "proto/virtqueue_driver_add.h"

/*
 * Until publish, the first of a batch looks as if it had been used in the lap
 * before. That's how the device left it, and what one that finds its in-flight
 * records half written has to see.
 */
static inline uint16_t withhold(struct vq_driver *q, uint16_t flags)
{
	if (q->nr_unpublished > 0)
		return flags;
	q->first_flags = flags;
	return flags ^ VQ_DESC_AVAIL;
}

/*
 * Descriptors from avail_idx on, which moves. Returns the bytes that the
 * device may write.
 */
static inline uint32_t fill_chain(struct vq_driver *q, uint16_t id,
				  const struct vq_segment *segs,
				  uint32_t nr_readable, uint32_t nr)
{
	struct vq_packed_desc *desc = q->packed_desc;
	uint16_t flags = q->avail_flags | VQ_DESC_NEXT;
	uint32_t place = q->avail_idx, size = q->size, bytes = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t len = segs[i].len_bytes;
		uint16_t seen;

		if (i >= nr_readable) {
			flags |= VQ_DESC_WRITE;
			bytes += len;
		}
		if (i + 1 == nr)
			flags ^= VQ_DESC_NEXT;
		seen = i == 0 ? withhold(q, flags) : flags;
		vq_store64(&desc[place].addr, segs[i].addr);
		vq_store64(&desc[place].len, vq_desc_word(len, id, seen));
		if (++place == size) {
			place = 0;
			flags ^= VQ_DESC_STATE;
		}
	}
	q->avail_idx = place;
	q->avail_flags = flags & VQ_DESC_STATE;
	return bytes;
}

/* One ring entry, for the table at addr with nr segments */
static inline void put_table(struct vq_driver *q, uint16_t id, uint64_t addr,
			     uint32_t nr)
{
	struct vq_packed_desc *d = &q->packed_desc[q->avail_idx];
	uint16_t flags = q->avail_flags | VQ_DESC_INDIRECT;

	vq_store64(&d->addr, addr);
	vq_store64(&d->len,
		   vq_desc_word(nr * VQ_DESC_BYTES, id, withhold(q, flags)));
	if (++q->avail_idx == q->size) {
		q->avail_idx = 0;
		q->avail_flags ^= VQ_DESC_STATE;
	}
}

static inline int offer(struct vq_driver *q, uint16_t id, uint32_t entries,
			uint32_t bytes, void *cookie)
{
	q->free_head = vq_fill_slot(q, id, entries, bytes, cookie)->next;
	q->nr_unpublished += entries;
	return id;
}

int vq_packed_driver_add(struct vq_driver *q, const struct vq_segment *segs,
			 uint32_t nr_readable, uint32_t nr_writable,
			 void *cookie)
{
	uint32_t nr = nr_readable + nr_writable, bytes;
	uint32_t entries = vq_entries(q, nr);
	uint16_t id = vq_driver_next_id(q);

	if (unlikely(entries - 1 >= q->nr_free)) /* 0 entries, too */
		return vq_driver_no_room(q, nr);
	if (entries == nr) {
		bytes = fill_chain(q, id, segs, nr_readable, nr);
	} else {
		bytes = vq_fill_table(q, true, id, segs, nr_readable, nr);
		put_table(q, id, vq_table_addr(q, id), nr);
	}
	return offer(q, id, entries, bytes, cookie);
}

void vq_packed_driver_add_framed(struct vq_driver *q, struct vq_segment data,
				 bool writable, void *cookie)
{
	uint16_t id = vq_driver_next_id(q);
	uint32_t bytes = vq_fill_frame(q, true, id, data, writable);

	put_table(q, id, vq_frame_addr(q, id), 3);
	offer(q, id, 1, bytes, cookie);
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
	int ret = unlikely(q->in_batch) ? 1 : look(q, c, err);
	struct vq_driver_slot *slot;

	if (ret <= 0)
		return ret;
	if (q->in_order) {
		slot = vq_complete_oldest(q, c);
	} else {
		slot = vq_complete(q, c);
		slot->next = q->free_head;
		q->free_head = c->id;
	}
	q->used_idx += slot->nr_desc;
	if (q->used_idx >= q->size) {
		q->used_idx -= q->size;
		q->used_flags ^= VQ_DESC_STATE;
	}
	return 1;
}
