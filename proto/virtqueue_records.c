/* SPDX-License-Identifier: MIT */
/*
 * In-flight records: see virtqueue_records.h, and "Inflight I/O tracking" in
 * the vhost-user specification for why each step is where it is. Failure
 * modes: records of another queue, or that contradict themselves or the ring,
 * are refused at init; links that go astray later end in false. Loops over
 * links are bounded, whatever they say. Threads: one at a time.
 */
#include "proto/virtqueue_records.h"

#include <errno.h>
#include <inttypes.h>

#include "proto/virtqueue_ring.h"

int vq_record_bad_link(uint16_t record, uint32_t size, struct err *err)
{
	return err_set(err, EPROTO,
		       "virtqueue: link to in-flight record %u, below "
		       "%" PRIu32 " wanted",
		       record, size);
}

/* Are the records of this size? 1: yes; 0: they are new; or -EINVAL */
static int check_version(uint16_t version, uint16_t desc_num, uint32_t size,
			 struct err *err)
{
	if (version == 0)
		return 0;
	if (version != VQ_RECORDS_VERSION || desc_num != size)
		return err_set(err, EINVAL,
			       "virtqueue: in-flight records of version %u for "
			       "%u entries, version %u for %" PRIu32 " wanted",
			       version, desc_num, VQ_RECORDS_VERSION, size);
	return 1;
}

/* ids are what was in flight: pop them first, in the order of counters. */
static void resubmit(struct vq_device *q, uint16_t *ids, uint32_t nr,
		     const uint64_t *counters, size_t stride)
{
	vq_sort(ids, nr, counters, stride);
	if (nr > 0)
		q->counter = vq_record_load(
				     (const uint64_t *)((const char *)counters +
							ids[nr - 1] * stride)) +
			     1;
	q->resubmit = ids;
	q->nr_resubmit = nr;
}

/* ---- Split ---- */

/* nr records that are linked from record i on are not in flight. */
static bool split_clear(struct vq_split_records *r, uint32_t size, uint16_t i,
			uint16_t nr)
{
	for (; nr > 0; nr--) {
		if (i >= size)
			return false;
		vq_record_store(&r->desc[i].inflight, 0);
		i = vq_record_load(&r->desc[i].next);
	}
	return true;
}

bool vq_split_records_publish(struct vq_device *q, uint16_t nr)
{
	struct vq_split_records *r = q->split_records;
	bool ok = split_clear(r, q->size, q->record_head, nr);

	vq_record_store(&r->used_idx, q->used_idx);
	return ok;
}

int vq_split_records_init(struct vq_device *q, const struct vq_device_config *c,
			  struct err *err)
{
	struct vq_split_records *r = q->split_records;
	uint16_t head = vq_record_load(&r->last_batch_head);
	uint16_t batch = q->used_idx - vq_record_load(&r->used_idx);
	uint32_t nr = 0;
	int ret = check_version(vq_record_load(&r->version),
				vq_record_load(&r->desc_num), q->size, err);

	if (ret < 0)
		return ret;
	if (ret == 0) {
		vq_record_store(&r->desc_num, q->size);
		vq_record_store(&r->used_idx, q->used_idx);
		vq_record_store(&r->version, VQ_RECORDS_VERSION);
		return 0;
	}
	/* the last batch was published, but maybe not recorded as such */
	if (batch > q->size || !split_clear(r, q->size, head, batch))
		return err_set(err, EPROTO,
			       "virtqueue: in-flight records of used index %u, "
			       "batch from %u, when the ring's is %u",
			       (uint16_t)(q->used_idx - batch), head,
			       q->used_idx);
	vq_record_store(&r->used_idx, q->used_idx);
	q->record_head = head;
	for (uint32_t i = 0; i < q->size; i++)
		if (vq_record_load(&r->desc[i].inflight))
			c->resubmit[nr++] = i;
	resubmit(q, c->resubmit, nr, &r->desc->counter, sizeof(*r->desc));
	/* pop steps over those in flight once more */
	q->avail_idx = q->used_idx;
	return 0;
}

/* ---- Packed ---- */

void vq_packed_record_pop(struct vq_device *q, const struct vq_chain *chain)
{
	struct vq_packed_records *r = q->packed_records;
	struct vq_packed_record *head = &r->desc[chain->record];

	vq_record_store(&head->last, chain->record_last);
	vq_record_store(&head->num, chain->nr_desc);
	vq_record_store(&head->counter, q->counter++);
	vq_record_store(&head->inflight, 1);
	/* before this, the records count as free, and what they say as void */
	vq_record_store(&r->old_free_head, q->record_head);
}

/*
 * The batch is a list of its own until it is published: a chain that is popped
 * before then commits the free list, and what is in it counts as void.
 */
void vq_packed_record_push(struct vq_device *q, const struct vq_chain *chain)
{
	struct vq_packed_record *v = q->packed_records->desc;

	if (q->nr_batch++ == 0)
		q->batch_end = chain->record_last;
	else
		vq_record_store(&v[chain->record_last].next, q->batch_head);
	q->batch_head = chain->record;
}

static void store_used(struct vq_device *q)
{
	struct vq_packed_records *r = q->packed_records;

	vq_record_store(&r->free_head, q->record_head);
	vq_record_store(&r->used_idx, q->used_idx);
	vq_record_store(&r->c.used_wrap_counter, q->used_flags != 0);
}

void vq_packed_records_prepare(struct vq_device *q)
{
	struct vq_packed_record *v = q->packed_records->desc;

	vq_record_store(&v[q->batch_end].next, q->record_head);
	q->record_head = q->batch_head;
	store_used(q);
}

/* nr chains that are linked from record i on are not in flight. */
static bool packed_clear(struct vq_packed_records *r, uint32_t size, uint16_t i,
			 uint16_t nr)
{
	for (; nr > 0; nr--) {
		uint16_t last;

		if (i >= size)
			return false;
		vq_record_store(&r->desc[i].inflight, 0);
		last = vq_record_load(&r->desc[i].last);
		if (last >= size)
			return false;
		i = vq_record_load(&r->desc[last].next);
	}
	return true;
}

/*
 * What is now becomes what rolling back leads to. Place and wrap counter by
 * one store: death between two would leave a place of the wrong lap, which
 * the ring need not contradict.
 */
static void packed_commit(struct vq_packed_records *r)
{
	struct vq_packed_committed c = {
		.old_used_idx = vq_record_load(&r->used_idx),
		.used_wrap_counter = vq_record_load(&r->c.used_wrap_counter),
	};

	c.old_used_wrap_counter = c.used_wrap_counter;
	vq_record_store(&r->old_free_head, vq_record_load(&r->free_head));
	vq_packed_record_commit(r, c);
}

bool vq_packed_records_publish(struct vq_device *q)
{
	struct vq_packed_records *r = q->packed_records;
	bool ok = packed_clear(r, q->size, q->record_head, q->nr_batch);

	packed_commit(r);
	q->nr_batch = 0;
	return ok;
}

static void packed_new(struct vq_device *q)
{
	struct vq_packed_records *r = q->packed_records;

	for (uint32_t i = 0; i < q->size; i++)
		vq_record_store(&r->desc[i].next, i + 1);
	vq_record_store(&r->desc_num, q->size);
	store_used(q);
	packed_commit(r);
	vq_record_store(&r->version, VQ_RECORDS_VERSION);
}

/*
 * Was killed while it published? The flags of the batch's first descriptor say
 * on which side of the step: if they were written, so is the rest made to be,
 * else nothing of it happened.
 */
static int packed_settle(struct vq_device *q, struct err *err)
{
	struct vq_packed_records *r = q->packed_records;
	uint16_t old = vq_record_load(&r->c.old_used_idx);
	bool wrap = vq_record_load(&r->c.old_used_wrap_counter);
	uint16_t avail = wrap ? VQ_DESC_AVAIL : VQ_DESC_USED;

	if (old >= q->size)
		return err_set(err, EPROTO,
			       "virtqueue: in-flight records of used place %u, "
			       "below %" PRIu32 " wanted",
			       old, q->size);
	if ((vq_record_load(&r->used_idx) != old ||
	     !!vq_record_load(&r->c.used_wrap_counter) != wrap) &&
	    (vq_load16(&q->packed_desc[old].flags) & VQ_DESC_STATE) != avail)
		packed_commit(r);
	q->record_head = vq_record_load(&r->old_free_head);
	q->used_idx = vq_record_load(&r->c.old_used_idx);
	q->used_flags =
		vq_record_load(&r->c.old_used_wrap_counter) ? VQ_DESC_STATE : 0;
	if (q->used_idx >= q->size)
		return err_set(err, EPROTO,
			       "virtqueue: in-flight records of used place %u, "
			       "below %" PRIu32 " wanted",
			       q->used_idx, q->size);
	store_used(q);
	return 0;
}

/*
 * Used descriptors behind the first of a batch were written before that one
 * was, and are not true if it never came to it: make the places of all that
 * is in flight available ones again. -EPROTO: it is more than the ring.
 */
static int packed_unuse(struct vq_device *q, const uint16_t *ids, uint32_t nr,
			struct err *err)
{
	uint32_t place = q->used_idx, places = 0;
	uint16_t used = q->used_flags;

	for (uint32_t i = 0; i < nr; i++)
		places += vq_record_load(&q->packed_records->desc[ids[i]].num);
	if (places > q->size)
		return err_set(err, EPROTO,
			       "virtqueue: in-flight records of %" PRIu32
			       " descriptors in a ring of %" PRIu32,
			       places, q->size);
	for (uint32_t i = 0; i < places; i++) {
		uint16_t *p = &q->packed_desc[place].flags;
		uint16_t flags = vq_load16(p);

		if ((flags & VQ_DESC_STATE) == used)
			vq_store16(p, flags ^ VQ_DESC_USED);
		if (++place == q->size) {
			place = 0;
			used ^= VQ_DESC_STATE;
		}
	}
	return 0;
}

int vq_packed_records_init(struct vq_device *q,
			   const struct vq_device_config *c, struct err *err)
{
	struct vq_packed_records *r = q->packed_records;
	uint32_t nr = 0, steps = 0;
	int ret = check_version(vq_record_load(&r->version),
				vq_record_load(&r->desc_num), q->size, err);

	if (ret <= 0) {
		if (ret == 0)
			packed_new(q);
		return ret;
	}
	ret = packed_settle(q, err);
	if (ret < 0)
		return ret;
	/* a list that ends with an index that is none; bounded all the same */
	for (uint16_t i = q->record_head; i < q->size && steps < q->size;
	     steps++) {
		vq_record_store(&r->desc[i].inflight, 0);
		i = vq_record_load(&r->desc[i].next);
	}
	for (uint32_t i = 0; i < q->size; i++)
		if (vq_record_load(&r->desc[i].inflight))
			c->resubmit[nr++] = i;
	ret = packed_unuse(q, c->resubmit, nr, err);
	if (ret < 0)
		return ret;
	resubmit(q, c->resubmit, nr, &r->desc->counter, sizeof(*r->desc));
	/* pop steps over those in flight once more */
	q->nr_in_flight = 0;
	q->avail_idx = q->used_idx;
	q->avail_flags = q->used_flags ? VQ_DESC_AVAIL : VQ_DESC_USED;
	return 0;
}
