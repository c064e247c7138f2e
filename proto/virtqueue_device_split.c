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

/* Look for requests: 1, 0 or -EPROTO. */
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

static int bad_next(uint16_t from, uint16_t next, uint32_t size,
		    struct err *err)
{
	return err_set(err, EBADMSG,
		       "descriptor %u: next is %u, below %" PRIu32 " wanted",
		       from, next, size);
}

/* All buffers of the chain that begins with descriptor i */
static inline int walk_chain(struct vq_device *q, struct vq_walk *w, uint16_t i,
			     struct err *err)
{
	for (uint32_t left = q->size; left > 0; left--) {
		const struct vq_desc *d = &q->desc[i];
		uint64_t addr = vq_load64(&d->addr);
		uint64_t word = vq_load64(&d->len);
		uint16_t flags = word >> 32, next = word >> 48;
		int ret;

		if (flags & VQ_DESC_INDIRECT) {
			if (flags & VQ_DESC_NEXT)
				return err_set(err, EBADMSG,
					       "descriptor %u: flags 0x%x, "
					       "INDIRECT or NEXT wanted",
					       i, flags);
			return vq_walk_indirect(q, w, addr, word, err);
		}
		ret = vq_walk_add(q, w, addr, word, flags, err);
		if (unlikely(ret < 0) || !(flags & VQ_DESC_NEXT))
			return ret;
		if (unlikely(next >= q->size))
			return bad_next(i, next, q->size, err);
		i = next;
	}
	return err_set(err, EBADMSG,
		       "loop: more than the %" PRIu32 " descriptors there are",
		       q->size);
}

int vq_split_device_pop(struct vq_device *q, struct vq_chain *chain,
			struct err *err)
{
	struct vq_walk w = vq_walk_begin(chain);
	uint16_t head;
	int ret;

	if (unlikely(q->nr_resubmit > 0)) {
		head = *q->resubmit++;
		q->nr_resubmit--;
		q->avail_seen++;
	} else {
		ret = next_head(q, &head, err);
		if (ret <= 0)
			return ret;
	}
	chain->id = head;
	chain->nr_desc = 1;
	chain->place = q->avail_idx++;
	ret = vq_walk_end(&w, walk_chain(q, &w, head, err), chain, err);
	if (likely(ret == 0))
		return 1;
	err_prefix(err, "virtqueue: chain at head %u: ", head);
	return ret;
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
