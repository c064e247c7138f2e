/* SPDX-License-Identifier: MIT */
/*
 * The device's end of a split ring: pop and push. See virtqueue_device.h.
 * Failure modes: an available index or a head that can't be breaks the queue,
 * for then nobody knows what to take next; a chain that makes no sense is
 * refused alone. Threads: one at a time.
 */
#include <assert.h>

#include "proto/virtqueue_chain.h"
#include "proto/virtqueue_records.h"

/* Look for requests that are there: 1, 0 or -EPROTO. */
static int look(struct vq_device *q, struct err *err)
{
	/* acquire: after it, the entries up to there and their descriptors */
	uint16_t idx = vq_load16_acquire(&q->avail->idx);
	uint16_t nr = idx - q->avail_idx;
	/* and pushed: the driver has not seen that yet */
	uint16_t in_flight = q->avail_idx - q->used_idx + q->nr_unpublished;

	if (unlikely(q->broken))
		return err_set(err, EPROTO, "virtqueue: broken before");
	/* an index that went back is far ahead */
	if (unlikely(nr > q->size - in_flight))
		return vq_device_break(
			q, err_set(err, EPROTO,
				   "virtqueue: available index %u, %u to %u "
				   "wanted: the driver is wrong",
				   idx, q->avail_idx,
				   (uint16_t)(q->avail_idx + q->size -
					      in_flight)));
	q->avail_seen = idx;
	return nr > 0;
}

/* The head of the next chain: 1, 0 or -EPROTO. */
static inline int next_head(struct vq_device *q, uint16_t *head,
			    struct err *err)
{
	int ret;

	if (q->avail_idx == q->avail_seen) {
		if (q->nr_resubmit > 0) {
			*head = *q->resubmit++;
			q->nr_resubmit--;
			q->avail_seen++;
			return 1;
		}
		ret = look(q, err);
		if (ret <= 0)
			return ret;
	}
	*head = vq_load16(&q->avail->ring[q->avail_idx & (q->size - 1)]);
	if (unlikely(*head >= q->size))
		return vq_device_break(
			q, err_set(err, EPROTO,
				   "virtqueue: head %u, below %" PRIu32
				   " wanted: the driver is wrong",
				   *head, q->size));
	if (q->split_records)
		vq_split_record_pop(q, *head);
	return 1;
}

static int bad_next(uint16_t next, uint32_t size, struct err *err)
{
	return err_set(err, EBADMSG,
		       "next is descriptor %u, below %" PRIu32 " wanted", next,
		       size);
}

/* The first buffer to write, or an indirect table, which ends a chain */
static inline int turn(struct vq_device *q, struct vq_walk *w,
		       struct vq_chain *chain, uint64_t addr, uint64_t word,
		       struct err *err)
{
	uint16_t flags = word >> 32;
	struct vq_walk copy;
	int ret;

	if (!(flags & VQ_DESC_INDIRECT))
		return vq_walk_turn(w, chain, err);
	if (flags & VQ_DESC_NEXT)
		return err_set(err, EBADMSG,
			       "descriptor flags 0x%x, INDIRECT or NEXT wanted",
			       flags);
	copy = *w;
	ret = vq_walk_indirect(q, &copy, chain, addr, word, err);
	*w = copy;
	return ret;
}

/* All buffers of the chain whose first descriptor was read. */
static inline int walk_chain(struct vq_device *q, struct vq_walk *w,
			     struct vq_chain *chain, uint64_t addr,
			     uint64_t word, struct err *err)
{
	const struct vq_desc *table = q->desc;
	uint32_t size = q->size;

	/* each descriptor takes room: that it is bounded bounds this */
	for (;;) {
		uint16_t flags = word >> 32, next = word >> 48;
		int ret;

		if (vq_walk_turns(w, flags)) {
			ret = turn(q, w, chain, addr, word, err);
			if (unlikely(ret < 0) || (flags & VQ_DESC_INDIRECT))
				return ret;
		}
		ret = vq_walk_add(q, w, chain, addr, word, err);
		if (unlikely(ret < 0) || !(flags & VQ_DESC_NEXT))
			return ret;
		if (unlikely(next >= size))
			return bad_next(next, size, err);
		addr = vq_load64(&table[next].addr);
		word = vq_load64(&table[next].len);
	}
}

int vq_split_device_pop(struct vq_device *q, struct vq_chain *chain,
			struct err *err)
{
	uint64_t addr, word;
	struct vq_walk w;
	uint16_t head;
	int ret = next_head(q, &head, err);

	if (ret <= 0)
		return ret;
	chain->id = head;
	chain->place = q->avail_idx++;
	addr = vq_load64(&q->desc[head].addr);
	word = vq_load64(&q->desc[head].len);
	if ((word >> 32 & (VQ_DESC_INDIRECT | VQ_DESC_NEXT)) ==
	    VQ_DESC_INDIRECT)
		return vq_chain_indirect(q, chain, addr, word, err);
	w = vq_walk_begin(q, chain, q->size);
	ret = walk_chain(q, &w, chain, addr, word, err);
	return vq_walk_end(q, &w, ret, chain, err);
}

void vq_split_device_push(struct vq_device *q, const struct vq_chain *chain,
			  uint32_t written_bytes)
{
	struct vq_used_elem *e = &q->used->ring[q->used_idx & (q->size - 1)];

	assert(!q->in_order || chain->place == q->used_idx);
	/* publish makes it seen */
	vq_store32(&e->id, chain->id);
	vq_store32(&e->len, written_bytes);
	if (q->split_records)
		vq_split_record_push(q, chain->id);
	q->used_idx++;
	q->nr_unpublished++;
}
