/* SPDX-License-Identifier: MIT */
/*
 * The device's end of a virtqueue: begin, publish, notifications. Popping and
 * pushing are in the files of the two ring formats. See virtqueue_device.h.
 * Failure modes: areas, base or in-flight records that make no ring. Threads:
 * one at a time.
 */
#include "proto/virtqueue_chain.h"
#include "proto/virtqueue_records.h"

static int check_areas(const struct vq_device_config *c, bool packed,
		       struct err *err)
{
	if (!IS_ALIGNED((uintptr_t)c->desc, VQ_DESC_AREA_ALIGN) ||
	    !IS_ALIGNED((uintptr_t)c->driver, VQ_DRIVER_AREA_ALIGN(packed)) ||
	    !IS_ALIGNED((uintptr_t)c->device, VQ_DEVICE_AREA_ALIGN))
		return err_set(err, EINVAL,
			       "virtqueue: areas at %p, %p, %p are not aligned "
			       "to %u, %u, %u bytes",
			       c->desc, c->driver, c->device,
			       VQ_DESC_AREA_ALIGN, VQ_DRIVER_AREA_ALIGN(packed),
			       VQ_DEVICE_AREA_ALIGN);
	return 0;
}

/* Used entries go on where the used ring says: it's not in the base. */
static int split_init(struct vq_device *q, const struct vq_device_config *c,
		      struct err *err)
{
	q->desc = c->desc;
	q->avail = c->driver;
	q->used = c->device;
	q->split_records = c->inflight;
	vq_store16(&q->used->flags, 0); /* stays so with EVENT_IDX */
	q->used_idx = vq_load16(&q->used->idx);
	q->avail_idx = c->base;
	if (q->split_records) {
		int ret = vq_split_records_init(q, c, err);

		if (ret < 0)
			return ret;
	}
	q->avail_seen = q->avail_idx;
	if (c->base > UINT16_MAX ||
	    (uint16_t)(q->avail_idx - q->used_idx) > q->size)
		return err_set(err, EINVAL,
			       "virtqueue: base %" PRIu32
			       " when the used index is %u and the size "
			       "%" PRIu32,
			       c->base, q->used_idx, q->size);
	return 0;
}

static int packed_init(struct vq_device *q, const struct vq_device_config *c,
		       struct err *err)
{
	uint32_t avail = c->base & 0x7fff, used = c->base >> 16 & 0x7fff;
	bool avail_wrap = c->base & 1u << 15, used_wrap = c->base & 1u << 31;
	uint32_t lap = avail_wrap == used_wrap ? 0 : q->size;

	q->packed_desc = c->desc;
	q->driver_event = c->driver;
	q->device_event = c->device;
	q->packed_records = c->inflight;
	/* places in between: popped by who was here before, not given back */
	if (avail >= q->size || used >= q->size || avail + lap < used ||
	    avail + lap - used > q->size)
		return err_set(err, EINVAL,
			       "virtqueue: base 0x%08" PRIx32
			       " when the size is %" PRIu32,
			       c->base, q->size);
	q->nr_in_flight = avail + lap - used;
	q->avail_idx = avail;
	q->used_idx = used;
	q->avail_flags = avail_wrap ? VQ_DESC_AVAIL : VQ_DESC_USED;
	q->used_flags = used_wrap ? VQ_DESC_STATE : 0;
	return q->packed_records ? vq_packed_records_init(q, c, err) : 0;
}

int vq_device_init(struct vq_device *q, const struct vq_device_config *c,
		   struct err *err)
{
	bool packed = c->features & VIRTIO_F_RING_PACKED;
	int ret = vq_check_size(c->size, packed, err);

	if (ret == 0)
		ret = check_areas(c, packed, err);
	if (ret < 0)
		return ret;
	*q = (struct vq_device){
		.mem = c->mem,
		.size = c->size,
		.packed = packed,
		.event_idx = c->features & VIRTIO_F_EVENT_IDX,
		.in_order = c->features & VIRTIO_F_IN_ORDER,
		.indirect = c->features & VIRTIO_F_INDIRECT_DESC,
	};
	ret = packed ? packed_init(q, c, err) : split_init(q, c, err);
	if (ret == 0)
		vq_device_enable_kicks(q);
	return ret;
}

void vq_device_set_memory(struct vq_device *q, const struct guest_memory *mem)
{
	q->mem = mem;
	q->hot = (struct guest_region){0};
}

int vq_device_break(struct vq_device *q, int ret)
{
	/* what pop of each format looks at anyway */
	q->broken = true;
	q->nr_resubmit = 0;
	q->avail_seen = q->avail_idx;
	q->avail_flags = VQ_STATE_NEVER;
	return ret;
}

static bool split_publish(struct vq_device *q, uint16_t nr)
{
	uint16_t event;

	/* release: the driver that sees the index sees the entries, too, and
	 * what was written to the requests' memory */
	vq_store16_release(&q->used->idx, q->used_idx);
	if (q->split_records && !vq_split_records_publish(q, nr))
		vq_device_break(q, 0);
	vq_full_fence(); /* index, then: does the driver want a call? */
	if (!q->event_idx)
		return !(vq_load16(&q->avail->flags) & VQ_RING_QUIET);
	event = vq_load16(&q->avail->ring[q->size]);
	return vq_event_reached(event, q->used_idx, q->used_idx - nr);
}

static bool packed_publish(struct vq_device *q, uint16_t nr)
{
	uint32_t lap = q->used_idx < nr ? q->size : 0;
	uint32_t first = q->used_idx + lap - nr;

	q->nr_in_flight -= nr;
	if (q->packed_records)
		vq_packed_records_prepare(q);
	/* release: the driver that finds the first entry of the batch used
	 * sees that, and the others, as they are, and the requests' memory */
	vq_store16_release(&q->packed_desc[first].flags, q->first_flags);
	if (q->packed_records && !vq_packed_records_publish(q))
		vq_device_break(q, 0);
	vq_full_fence(); /* flags, then: does the driver want a call? */
	return vq_packed_notifies(vq_load32(q->driver_event), q->event_idx,
				  q->size, q->used_idx, q->used_flags != 0, nr);
}

bool vq_device_publish(struct vq_device *q)
{
	uint16_t nr = q->nr_unpublished;

	if (nr == 0)
		return false;
	q->nr_unpublished = 0;
	return q->packed ? packed_publish(q, nr) : split_publish(q, nr);
}

/* Relaxed: pop looks again, and acquires. */
bool vq_device_has_work(const struct vq_device *q)
{
	uint16_t flags;

	if (q->broken || q->nr_resubmit > 0)
		return true;
	if (!q->packed)
		return q->avail_seen != q->avail_idx ||
		       vq_load16(&q->avail->idx) != q->avail_idx;
	flags = vq_load16(&q->packed_desc[q->avail_idx].flags);
	return (flags & VQ_DESC_STATE) == q->avail_flags;
}

bool vq_device_enable_kicks(struct vq_device *q)
{
	uint32_t wrap = q->avail_flags == VQ_DESC_AVAIL ? VQ_EVENT_WRAP : 0;

	if (q->packed)
		vq_store32(q->device_event,
			   !q->event_idx ? VQ_EVENT_ENABLE
					 : VQ_EVENT_DESC | q->avail_idx | wrap);
	else if (q->event_idx)
		vq_store16((uint16_t *)&q->used->ring[q->size], q->avail_idx);
	else
		vq_store16(&q->used->flags, 0);
	vq_full_fence(); /* what is wanted, then: is there something already? */
	return vq_device_has_work(q);
}

void vq_device_disable_kicks(struct vq_device *q)
{
	if (q->packed)
		vq_store32(q->device_event, VQ_EVENT_DISABLE);
	else if (q->event_idx) /* of an index gone by: not before 2^16 more */
		vq_store16((uint16_t *)&q->used->ring[q->size],
			   q->avail_idx - 1);
	else
		vq_store16(&q->used->flags, VQ_RING_QUIET);
}

uint32_t vq_device_base(const struct vq_device *q)
{
	if (!q->packed)
		return q->avail_idx;
	return vq_base_packed(q->avail_idx, q->avail_flags == VQ_DESC_AVAIL,
			      q->used_idx, q->used_flags != 0);
}
