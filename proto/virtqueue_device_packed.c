/* SPDX-License-Identifier: MIT */
/*
 * The device's end of a packed ring: pop and push. See virtqueue_device.h.
 *
 * The length of a chain is known at its end only, so that even a chain that
 * makes no sense is followed to where the next one begins. With in-flight
 * records a chain is copied into them first, as its descriptors will be
 * written over, and taken from there, now and after a restart.
 *
 * Failure modes: a chain whose end or buffer ID can't be breaks the queue; one
 * that makes no sense is refused alone. Threads: one at a time.
 */
#include <assert.h>

#include "proto/virtqueue_chain.h"
#include "proto/virtqueue_records.h"

/* A chain that is being read: where, and what the last descriptor said */
struct reader {
	uint32_t place;
	uint16_t avail_flags; /* of the lap of place */
	uint16_t nr;	      /* descriptors read */
	uint16_t id;	      /* buffer ID */
	uint16_t flags;
	uint32_t len;
	uint64_t addr;
};

static int endless(struct vq_device *q, uint16_t nr, struct err *err)
{
	return vq_device_break(
		q,
		err_set(err, EPROTO,
			"virtqueue: chain at place %u does not end with %u "
			"descriptors, %" PRIu32 " are in flight in a ring of "
			"%" PRIu32 ": the driver is wrong",
			q->avail_idx, nr, q->nr_in_flight, q->size));
}

static int not_available(struct vq_device *q, uint32_t place, uint16_t flags,
			 struct err *err)
{
	return vq_device_break(
		q, err_set(err, EPROTO,
			   "virtqueue: chain at place %u goes on at %" PRIu32
			   ", which is not available (flags 0x%x): the driver "
			   "is wrong",
			   q->avail_idx, place, flags));
}

/* The head, whose flags were read: in a ring that is not full */
static inline void read_head(const struct vq_device *q, struct reader *r)
{
	const struct vq_packed_desc *d = &q->packed_desc[r->place];

	r->addr = vq_load64(&d->addr);
	r->len = vq_load32(&d->len);
	r->id = vq_load16(&d->id);
	r->nr = 1;
}

/* On to the next descriptor, which VQ_DESC_NEXT promised: 0 or -EPROTO */
static inline int read_next(struct vq_device *q, struct reader *r,
			    struct err *err)
{
	const struct vq_packed_desc *d;
	uint64_t word;

	if (unlikely(r->nr + q->nr_in_flight >= q->size))
		return endless(q, r->nr, err);
	if (++r->place == q->size) {
		r->place = 0;
		r->avail_flags ^= VQ_DESC_STATE;
	}
	d = &q->packed_desc[r->place];
	word = vq_load64(&d->len);
	r->addr = vq_load64(&d->addr);
	r->len = word;
	r->id = word >> 32;
	r->flags = word >> 48;
	if (unlikely((r->flags & VQ_DESC_STATE) != r->avail_flags))
		return not_available(q, r->place, r->flags, err);
	r->nr++;
	return 0;
}

/* The first buffer to write, or an indirect table, which is a chain */
static inline int turn(struct vq_device *q, struct vq_walk *w,
		       struct vq_chain *chain, uint64_t addr, uint32_t len,
		       uint16_t flags, struct err *err)
{
	struct vq_walk copy;
	int ret;

	if (!(flags & VQ_DESC_INDIRECT))
		return vq_walk_turn(w, chain, err);
	if (w->iov != chain->iov || (flags & VQ_DESC_NEXT))
		return err_set(err, EBADMSG,
			       "indirect table among other descriptors, alone "
			       "wanted");
	copy = *w;
	ret = vq_walk_indirect(q, &copy, chain, addr, len, err);
	*w = copy;
	return ret;
}

/* The buffers of one descriptor */
static inline int take(struct vq_device *q, struct vq_walk *w,
		       struct vq_chain *chain, uint64_t addr, uint32_t len,
		       uint16_t flags, struct err *err)
{
	int ret;

	if (vq_walk_turns(w, flags)) {
		ret = turn(q, w, chain, addr, len, flags, err);
		if (unlikely(ret < 0) || (flags & VQ_DESC_INDIRECT))
			return ret;
	}
	return vq_walk_add(q, w, chain, addr, len, err);
}

static int bad_id(struct vq_device *q, uint16_t id, struct err *err)
{
	return vq_device_break(
		q, err_set(err, EPROTO,
			   "virtqueue: chain at place %u: buffer ID %u, below "
			   "%" PRIu32 " wanted: the driver is wrong",
			   q->avail_idx, id, q->size));
}

/* The chain is read; on to the one behind it. 0 or -EPROTO */
static inline int go_on(struct vq_device *q, const struct reader *r,
			struct vq_chain *chain, struct err *err)
{
	if (unlikely(r->id >= q->size))
		return bad_id(q, r->id, err);
	chain->id = r->id;
	chain->nr_desc = r->nr;
	chain->place = q->avail_idx;
	q->nr_in_flight += r->nr;
	q->avail_idx = r->place + 1;
	q->avail_flags = r->avail_flags;
	if (q->avail_idx == q->size) {
		q->avail_idx = 0;
		q->avail_flags ^= VQ_DESC_STATE;
	}
	return 0;
}

/* nr descriptors from the records, linked from record on */
static int pop_record(struct vq_device *q, uint16_t record, uint16_t nr,
		      struct vq_chain *chain, struct err *err)
{
	struct vq_walk w = vq_walk_begin(q, chain, q->size);
	int ret = 0;

	for (; nr > 0 && ret == 0; nr--) {
		struct vq_packed_record *e = &q->packed_records->desc[record];

		ret = take(q, &w, chain, vq_record_load(&e->addr),
			   vq_record_load(&e->len), vq_record_load(&e->flags),
			   err);
		record = vq_record_load(&e->next);
		if (ret == 0 && nr > 1 && record >= q->size)
			ret = vq_record_bad_link(record, q->size, err);
	}
	return vq_walk_end(q, &w, ret, chain, err);
}

/* The descriptor of r into the records: the number of its record, or -EPROTO */
static int copy(struct vq_device *q, const struct reader *r, struct err *err)
{
	uint16_t i = q->record_head;
	struct vq_packed_record *e = &q->packed_records->desc[i];

	if (i >= q->size)
		return vq_device_break(q, vq_record_bad_link(i, q->size, err));
	vq_record_store(&e->addr, r->addr);
	vq_record_store(&e->len, r->len);
	vq_record_store(&e->flags, r->flags);
	vq_record_store(&e->id, r->id);
	q->record_head = vq_record_load(&e->next);
	vq_record_store(&q->packed_records->free_head, q->record_head);
	return i;
}

/* The chain that r begins with into the records, not yet in flight */
static int copy_chain(struct vq_device *q, struct reader *r,
		      struct vq_chain *chain, struct err *err)
{
	int ret, record = copy(q, r, err);

	chain->record = record;
	while (record >= 0 && (r->flags & VQ_DESC_NEXT)) {
		ret = read_next(q, r, err);
		if (ret < 0)
			return ret;
		record = copy(q, r, err);
	}
	chain->record_last = record;
	return MIN(record, 0);
}

static int pop_recording(struct vq_device *q, struct reader *r,
			 struct vq_chain *chain, struct err *err)
{
	if (copy_chain(q, r, chain, err) < 0 || go_on(q, r, chain, err) < 0)
		return -EPROTO;
	vq_packed_record_pop(q, chain);
	return pop_record(q, chain->record, chain->nr_desc, chain, err);
}

static int none(const struct vq_device *q, struct err *err)
{
	return q->broken ? err_set(err, EPROTO, "virtqueue: broken before") : 0;
}

/* What was in flight when the records were found */
static int pop_again(struct vq_device *q, struct vq_chain *chain,
		     struct err *err)
{
	const struct vq_packed_record *v = q->packed_records->desc;
	uint16_t record = *q->resubmit++;
	uint16_t last = vq_record_load(&v[record].last);
	uint16_t nr = vq_record_load(&v[record].num);
	struct reader r = {
		.place = q->avail_idx + nr - 1,
		.avail_flags = q->avail_flags,
		.nr = nr,
		.id = last < q->size ? vq_record_load(&v[last].id) : last,
	};

	q->nr_resubmit--;
	if (nr == 0 || nr > q->size - q->nr_in_flight)
		return vq_device_break(
			q, err_set(err, EPROTO,
				   "virtqueue: in-flight record %u of %u "
				   "descriptors, 1 to %" PRIu32 " wanted",
				   record, nr, q->size - q->nr_in_flight));
	if (r.place >= q->size) {
		r.place -= q->size;
		r.avail_flags ^= VQ_DESC_STATE;
	}
	if (go_on(q, &r, chain, err) < 0)
		return -EPROTO;
	chain->record = record;
	chain->record_last = last;
	return pop_record(q, record, nr, chain, err);
}

int vq_packed_device_pop(struct vq_device *q, struct vq_chain *chain,
			 struct err *err)
{
	struct reader r = {
		.place = q->avail_idx,
		.avail_flags = q->avail_flags,
	};
	struct vq_walk w;
	int ret;

	if (unlikely(q->nr_resubmit > 0))
		return pop_again(q, chain, err);
	/* acquire: after it, the rest of the chain's descriptors */
	r.flags = vq_load16_acquire(&q->packed_desc[r.place].flags);
	if ((r.flags & VQ_DESC_STATE) != r.avail_flags)
		return none(q, err);
	if (unlikely(q->nr_in_flight >= q->size))
		return endless(q, 0, err);
	read_head(q, &r);
	if (q->packed_records) {
		struct reader copy = r;

		return pop_recording(q, &copy, chain, err);
	}
	if ((r.flags & (VQ_DESC_INDIRECT | VQ_DESC_NEXT)) == VQ_DESC_INDIRECT) {
		if (unlikely(go_on(q, &r, chain, err) < 0))
			return -EPROTO;
		return vq_chain_indirect(q, chain, r.addr, r.len, err);
	}
	w = vq_walk_begin(q, chain, q->size);
	ret = take(q, &w, chain, r.addr, r.len, r.flags, err);
	while (r.flags & VQ_DESC_NEXT) {
		if (unlikely(read_next(q, &r, err) < 0))
			return -EPROTO;
		if (likely(ret == 0))
			ret = take(q, &w, chain, r.addr, r.len, r.flags, err);
	}
	if (unlikely(go_on(q, &r, chain, err) < 0))
		return -EPROTO;
	return vq_walk_end(q, &w, ret, chain, err);
}

void vq_packed_device_push(struct vq_device *q, const struct vq_chain *chain,
			   uint32_t written_bytes)
{
	struct vq_packed_desc *d = &q->packed_desc[q->used_idx];
	uint16_t flags = q->used_flags | (written_bytes ? VQ_DESC_WRITE : 0);

	assert(!q->in_order || chain->place == q->used_idx);
	vq_store32(&d->len, written_bytes);
	vq_store16(&d->id, chain->id);
	if (q->nr_unpublished == 0)
		q->first_flags = flags;
	else /* seen with the first */
		vq_store16(&d->flags, flags);
	if (q->packed_records)
		vq_packed_record_push(q, chain);
	q->nr_unpublished += chain->nr_desc;
	q->used_idx += chain->nr_desc;
	if (q->used_idx >= q->size) {
		q->used_idx -= q->size;
		q->used_flags ^= VQ_DESC_STATE;
	}
}
