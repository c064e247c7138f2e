/* SPDX-License-Identifier: MIT */
/*
 * The driver's end of a split ring: add and pop. See virtqueue_driver.h.
 *
 * Descriptors that are free are a list in the slots, never in the table that
 * the device may write to; the most recently freed is the first, for it is in
 * the cache. In order, that list is a circle which needs no upkeep. Failure
 * modes: what the device says is checked; a lie breaks the queue. Threads: one
 * at a time.
 */
#include "proto/virtqueue_driver_add.h"

/*
 * Chain descriptors from head on; *last is the last. Returns the bytes that
 * the device may write.
 */
static inline uint32_t fill_chain(struct vq_driver *q, uint16_t head,
				  const struct vq_segment *segs,
				  uint32_t nr_readable, uint32_t nr,
				  uint16_t *last)
{
	const struct vq_driver_slot *slots = q->slots;
	struct vq_desc *desc = q->desc;
	uint16_t id = head, next = head, flags = VQ_DESC_NEXT;
	uint32_t bytes = 0;

	/* The device looks at it after publish; till then it's ours. */
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t len = segs[i].len_bytes;

		if (i >= nr_readable) {
			flags = VQ_DESC_NEXT | VQ_DESC_WRITE;
			bytes += len;
		}
		id = next;
		next = slots[id].next;
		vq_store64(&desc[id].addr, segs[i].addr);
		vq_store64(&desc[id].len, vq_desc_word(len, flags, next));
	}
	vq_store16(&desc[id].flags, flags & VQ_DESC_WRITE);
	*last = id;
	return bytes;
}

static inline void set_table(struct vq_driver *q, uint16_t id, uint64_t addr,
			     uint32_t nr)
{
	struct vq_desc *d = &q->desc[id];

	vq_store64(&d->addr, addr);
	vq_store64(&d->len,
		   vq_desc_word(nr * VQ_DESC_BYTES, VQ_DESC_INDIRECT, 0));
}

/* The request of id, up to the descriptor last. publish makes it seen. */
static inline int offer(struct vq_driver *q, uint16_t id, uint16_t last,
			uint32_t entries, uint32_t bytes, void *cookie)
{
	vq_fill_slot(q, id, entries, bytes, cookie)->last = last;
	q->free_head = q->slots[last].next;
	vq_store16(&q->avail->ring[q->avail_idx & (q->size - 1)], id);
	q->avail_idx++;
	q->nr_unpublished++;
	return id;
}

int vq_split_driver_add(struct vq_driver *q, const struct vq_segment *segs,
			uint32_t nr_readable, uint32_t nr_writable,
			void *cookie)
{
	uint32_t nr = nr_readable + nr_writable, bytes;
	uint32_t entries = vq_entries(q, nr);
	uint16_t id = q->free_head, last = id;

	if (unlikely(entries - 1 >= q->nr_free)) /* 0 entries, too */
		return vq_driver_no_room(q, nr);
	if (entries == nr) {
		bytes = fill_chain(q, id, segs, nr_readable, nr, &last);
	} else {
		bytes = vq_fill_table(q, false, id, segs, nr_readable, nr);
		set_table(q, id, vq_table_addr(q, id), nr);
	}
	return offer(q, id, last, entries, bytes, cookie);
}

void vq_split_driver_add_framed(struct vq_driver *q, struct vq_segment data,
				bool writable, void *cookie)
{
	uint16_t id = q->free_head;
	uint32_t bytes = vq_fill_frame(q, false, id, data, writable);

	set_table(q, id, vq_frame_addr(q, id), 3);
	offer(q, id, id, 1, bytes, cookie);
}

/* Look for completions: 1, 0 or -EPROTO. */
static int look(struct vq_driver *q, struct err *err)
{
	/* acquire: after it, the entries up to there, and what the device
	 * wrote to the requests' memory */
	uint16_t idx = vq_load16_acquire(&q->used->idx);
	uint16_t nr = idx - q->used_idx;
	uint16_t published = q->avail_idx - q->nr_unpublished - q->used_idx;

	if (unlikely(q->broken))
		return err_set(err, EPROTO, "virtqueue: broken before");
	if (unlikely(nr > published))
		return vq_driver_break(
			q, err_set(err, EPROTO,
				   "virtqueue: used index %u, %u to %u wanted: "
				   "the device is wrong",
				   idx, q->used_idx,
				   (uint16_t)(q->used_idx + published)));
	if (unlikely(q->in_batch))
		return vq_driver_break(
			q, err_set(err, EPROTO,
				   "virtqueue: used index %u, within a batch "
				   "that ends with request %u: the device is "
				   "wrong",
				   q->used_idx, q->batch_last));
	q->used_seen = idx;
	return nr > 0;
}

/* What the next used entry says, into c: 1 or -EPROTO */
static inline int read_used(struct vq_driver *q, struct vq_completion *c,
			    struct err *err)
{
	const struct vq_used_elem *e =
		&q->used->ring[q->used_idx & (q->size - 1)];
	uint32_t id = vq_load32(&e->id), len = vq_load32(&e->len);

	if (unlikely(!vq_completes(q, id, len)))
		return vq_driver_bad_completion(q, id, len, err);
	c->id = id;
	c->written_bytes = len;
	return 1;
}

static int pop_in_order(struct vq_driver *q, struct vq_completion *c,
			struct err *err)
{
	int ret = q->in_batch ? 1 : read_used(q, c, err);

	if (ret < 0)
		return ret;
	vq_complete_oldest(q, c);
	q->used_idx++;
	return 1;
}

int vq_split_driver_pop(struct vq_driver *q, struct vq_completion *c,
			struct err *err)
{
	struct vq_driver_slot *slot;
	int ret;

	if (q->used_idx == q->used_seen) {
		ret = look(q, err);
		if (ret <= 0)
			return ret;
	}
	if (q->in_order)
		return pop_in_order(q, c, err);
	ret = read_used(q, c, err);
	if (unlikely(ret < 0))
		return ret;
	slot = vq_complete(q, c);
	q->slots[slot->last].next = q->free_head;
	q->free_head = c->id;
	q->used_idx++;
	return 1;
}
