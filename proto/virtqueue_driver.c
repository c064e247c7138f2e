/* SPDX-License-Identifier: MIT */
/*
 * The driver's end of a virtqueue: begin, notifications, what is outstanding.
 * Adding and popping are in the files of the two ring formats. See
 * virtqueue_driver.h. Failure modes: arguments that don't make a ring.
 * Threads: one at a time.
 */
#include "proto/virtqueue_driver.h"

#include <string.h>

#include "proto/virtqueue_driver_add.h"

#define LINE_BYTES 64u /* cache line */

static bool has_tables(uint32_t table_segments, uint64_t features)
{
	return table_segments > 0 && (features & VIRTIO_F_INDIRECT_DESC);
}

int vq_driver_layout(struct vq_driver_layout *layout, uint32_t size,
		     uint32_t table_segments, uint64_t features,
		     struct err *err)
{
	bool packed = features & VIRTIO_F_RING_PACKED;
	int ret = vq_check_size(size, packed, err);

	if (ret < 0)
		return ret;
	if (table_segments > VQ_SIZE_MAX)
		return err_set(err, EINVAL,
			       "virtqueue: indirect tables of %" PRIu32
			       " segments, at most %u wanted",
			       table_segments, VQ_SIZE_MAX);
	*layout = (struct vq_driver_layout){0};
	layout->driver = ALIGN_UP(vq_desc_area_bytes(size), LINE_BYTES);
	layout->device =
		ALIGN_UP(layout->driver + vq_driver_area_bytes(size, packed),
			 LINE_BYTES);
	layout->frames =
		ALIGN_UP(layout->device + vq_device_area_bytes(size, packed),
			 LINE_BYTES);
	layout->tails = layout->frames + size * VQ_FRAME_BYTES;
	layout->bytes = layout->tables =
		ALIGN_UP(layout->tails + size * VQ_TAIL_MAX, LINE_BYTES);
	if (has_tables(table_segments, features)) {
		/* an odd number of lines: else all tables compete for the few
		 * sets of a cache whose index has the low bits in common */
		layout->table_stride =
			ALIGN_UP((size_t)table_segments * VQ_DESC_BYTES,
				 LINE_BYTES) |
			LINE_BYTES;
		layout->bytes += size * layout->table_stride;
	}
	return 0;
}

static void init_areas(struct vq_driver *q, const struct vq_driver_config *c,
		       const struct vq_driver_layout *layout)
{
	char *ring = c->ring;

	memset(ring, 0, layout->tables);
	if (q->packed) {
		q->packed_desc = (struct vq_packed_desc *)(ring + layout->desc);
		q->driver_event = (uint32_t *)(ring + layout->driver);
		q->device_event = (uint32_t *)(ring + layout->device);
	} else {
		q->desc = (struct vq_desc *)(ring + layout->desc);
		q->avail = (struct vq_avail *)(ring + layout->driver);
		q->used = (struct vq_used *)(ring + layout->device);
	}
	if (layout->table_stride > 0) {
		q->tables = ring + layout->tables;
		q->tables_addr = c->ring_addr + layout->tables;
		q->table_stride = layout->table_stride;
		q->table_segments = c->table_segments;
	}
	q->frames = ring + layout->frames;
	q->tails = ring + layout->tails;
}

/* The tables of all frames, but for the data */
static void init_frames(struct vq_driver *q, const struct vq_driver_config *c,
			const struct vq_driver_layout *layout)
{
	uint64_t tails_addr = c->ring_addr + layout->tails;

	q->frames_addr = c->ring_addr + layout->frames;
	q->tail_bytes = c->tail_bytes;
	q->can_frame = c->head_bytes > 0 && c->tail_bytes > 0 &&
		       q->table_segments >= 3;
	for (uint32_t id = 0; q->can_frame && id < q->size; id++) {
		uint64_t addr = vq_frame_addr(q, id);
		struct vq_desc *d =
			(struct vq_desc *)(q->frames + id * VQ_FRAME_BYTES);
		uint16_t write = VQ_DESC_WRITE;

		vq_store64(&d[0].addr, addr + VQ_FRAME_HEAD_AT);
		vq_store64(&d[0].len,
			   q->packed ? vq_desc_word(c->head_bytes, 0, 0)
				     : vq_desc_word(c->head_bytes, VQ_DESC_NEXT,
						    1));
		vq_store64(&d[2].addr, tails_addr + id * VQ_TAIL_MAX);
		vq_store64(&d[2].len,
			   q->packed ? vq_desc_word(c->tail_bytes, 0, write)
				     : vq_desc_word(c->tail_bytes, write, 0));
	}
}

int vq_driver_init(struct vq_driver *q, const struct vq_driver_config *c,
		   struct err *err)
{
	struct vq_driver_layout layout;
	int ret = vq_driver_layout(&layout, c->size, c->table_segments,
				   c->features, err);

	if (ret < 0)
		return ret;
	if (c->head_bytes > VQ_HEAD_MAX || c->tail_bytes > VQ_TAIL_MAX)
		return err_set(err, EINVAL,
			       "virtqueue: heads of %" PRIu32 " and tails of "
			       "%" PRIu32 " bytes, at most %u and %u wanted",
			       c->head_bytes, c->tail_bytes, VQ_HEAD_MAX,
			       VQ_TAIL_MAX);
	if (!IS_ALIGNED((uintptr_t)c->ring | c->ring_addr, LINE_BYTES))
		return err_set(err, EINVAL,
			       "virtqueue: ring at %p, to the device 0x%" PRIx64
			       ", not aligned to %u bytes",
			       c->ring, c->ring_addr, LINE_BYTES);
	*q = (struct vq_driver){
		.slots = c->slots,
		.size = c->size,
		.packed = c->features & VIRTIO_F_RING_PACKED,
		.event_idx = c->features & VIRTIO_F_EVENT_IDX,
		.in_order = c->features & VIRTIO_F_IN_ORDER,
		.nr_free = c->size,
		.avail_flags = VQ_DESC_AVAIL,
		.used_flags = VQ_DESC_STATE,
	};
	init_areas(q, c, &layout);
	init_frames(q, c, &layout);
	q->max_segments = MAX(q->size, q->table_segments);
	/* a circle: in order, descriptors of a split ring follow it for ever */
	for (uint32_t i = 0; i < c->size; i++)
		c->slots[i] = (struct vq_driver_slot){
			.seq = UINT64_MAX,
			.next = i + 1 < c->size ? i + 1 : 0,
		};
	vq_driver_enable_calls(q);
	return 0;
}

int vq_driver_no_room(const struct vq_driver *q, uint32_t nr)
{
	if (q->broken)
		return -EPROTO;
	return nr == 0 || vq_entries(q, nr) > q->size ? -EINVAL : -EAGAIN;
}

int vq_driver_break(struct vq_driver *q, int ret)
{
	/* what add, and pop of each format, look at anyway */
	q->broken = true;
	q->in_batch = false;
	q->nr_free = 0;
	q->used_seen = q->used_idx;
	q->used_flags = VQ_STATE_NEVER;
	return ret;
}

int vq_driver_bad_completion(struct vq_driver *q, uint32_t id, uint32_t len,
			     struct err *err)
{
	int ret;

	if (id >= q->size)
		ret = err_set(err, EPROTO,
			      "virtqueue: used id %" PRIu32 ", below %" PRIu32
			      " wanted: the device is wrong",
			      id, q->size);
	else if (q->slots[id].seq >= q->seq_published)
		ret = err_set(err, EPROTO,
			      "virtqueue: used id %" PRIu32
			      ", which is not outstanding: the device is wrong",
			      id);
	else
		ret = err_set(err, EPROTO,
			      "virtqueue: %" PRIu32 " bytes written for id "
			      "%" PRIu32 ", at most %" PRIu32
			      " wanted: the device is wrong",
			      len, id, q->slots[id].writable_bytes);
	return vq_driver_break(q, ret);
}

static bool split_publish(struct vq_driver *q, uint16_t nr)
{
	uint16_t event;

	/* release: the device that sees the index sees the entries, too */
	vq_store16_release(&q->avail->idx, q->avail_idx);
	vq_full_fence(); /* index, then: does the device want a kick? */
	if (!q->event_idx)
		return !(vq_load16(&q->used->flags) & VQ_RING_QUIET);
	event = vq_load16((const uint16_t *)&q->used->ring[q->size]);
	return vq_event_reached(event, q->avail_idx, q->avail_idx - nr);
}

static bool packed_publish(struct vq_driver *q, uint16_t nr)
{
	uint32_t lap = q->avail_idx < nr ? q->size : 0;
	uint32_t first = q->avail_idx + lap - nr;

	/* release: the device that finds the first entry of the batch
	 * available sees that, and the others, as they are */
	vq_store16_release(&q->packed_desc[first].flags, q->first_flags);
	vq_full_fence(); /* flags, then: does the device want a kick? */
	return vq_packed_notifies(vq_load32(q->device_event), q->event_idx,
				  q->size, q->avail_idx,
				  q->avail_flags & VQ_DESC_AVAIL, nr);
}

bool vq_driver_publish(struct vq_driver *q)
{
	uint16_t nr = q->nr_unpublished;

	if (nr == 0)
		return false;
	q->nr_unpublished = 0;
	q->seq_published = q->seq;
	return q->packed ? packed_publish(q, nr) : split_publish(q, nr);
}

/* Relaxed: pop looks again, and acquires. */
bool vq_driver_has_completions(const struct vq_driver *q)
{
	uint16_t flags;

	if (q->broken || q->in_batch)
		return true;
	if (!q->packed)
		return q->used_seen != q->used_idx ||
		       vq_load16(&q->used->idx) != q->used_idx;
	flags = vq_load16(&q->packed_desc[q->used_idx].flags);
	return (flags & VQ_DESC_STATE) == q->used_flags;
}

bool vq_driver_enable_calls(struct vq_driver *q)
{
	if (q->packed)
		vq_store32(
			q->driver_event,
			!q->event_idx
				? VQ_EVENT_ENABLE
				: VQ_EVENT_DESC | q->used_idx |
					  (q->used_flags ? VQ_EVENT_WRAP : 0));
	else if (q->event_idx)
		vq_store16(&q->avail->ring[q->size], q->used_idx);
	else
		vq_store16(&q->avail->flags, 0);
	vq_full_fence(); /* what is wanted, then: is there something already? */
	return vq_driver_has_completions(q);
}

void vq_driver_disable_calls(struct vq_driver *q)
{
	if (q->packed)
		vq_store32(q->driver_event, VQ_EVENT_DISABLE);
	else if (q->event_idx) /* of an index gone by: not before 2^16 more */
		vq_store16(&q->avail->ring[q->size], q->used_idx - 1);
	else
		vq_store16(&q->avail->flags, VQ_RING_QUIET);
}

uint32_t vq_driver_outstanding(const struct vq_driver *q, uint16_t *ids)
{
	uint32_t nr = 0;

	for (uint32_t id = 0; id < q->size; id++)
		if (q->slots[id].seq != UINT64_MAX)
			ids[nr++] = id;
	vq_sort(ids, nr, &q->slots->seq, sizeof(*q->slots));
	return nr;
}

uint32_t vq_driver_base(const struct vq_driver *q)
{
	bool wrap = q->used_flags != 0;

	return q->packed ? vq_base_packed(q->used_idx, wrap, q->used_idx, wrap)
			 : q->used_idx;
}
