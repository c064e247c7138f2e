/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues: sizes, and the little that both ends have in common. See
 * virtqueue.h. Failure modes: a size that is none is refused with text.
 * Threads: any.
 */
#include "proto/virtqueue.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/virtqueue_records.h"
#include "proto/virtqueue_ring.h"

int vq_check_size(uint32_t size, bool packed, struct err *err)
{
	if (size == 0 || size > VQ_SIZE_MAX)
		return err_set(err, EINVAL,
			       "virtqueue: size %" PRIu32 ", 1 to %u wanted",
			       size, VQ_SIZE_MAX);
	if (!packed && !IS_POWER_OF_TWO(size))
		return err_set(err, EINVAL,
			       "virtqueue: size %" PRIu32
			       ", a power of two wanted of a split ring",
			       size);
	return 0;
}

size_t vq_desc_area_bytes(uint32_t size)
{
	return (size_t)size * VQ_DESC_BYTES;
}

size_t vq_driver_area_bytes(uint32_t size, bool packed)
{
	/* flags, idx, ring, used_event */
	return packed ? sizeof(uint32_t) : (3 + (size_t)size) * 2;
}

size_t vq_device_area_bytes(uint32_t size, bool packed)
{
	return packed ? sizeof(uint32_t)
		      : 3 * 2 + sizeof(struct vq_used_elem) * (size_t)size;
}

size_t vq_inflight_bytes(uint32_t size, bool packed)
{
	size_t bytes = packed ? sizeof(struct vq_packed_records) +
					size * sizeof(struct vq_packed_record)
			      : sizeof(struct vq_split_records) +
					size * sizeof(struct vq_split_record);

	/* others lay them out like that, too */
	return ALIGN_UP(bytes, 64);
}

bool vq_packed_notifies(uint32_t event, bool event_idx, uint32_t size,
			uint16_t place, bool wrap, uint16_t nr)
{
	uint16_t at = event & (VQ_EVENT_WRAP - 1);

	if ((event & VQ_EVENT_FLAGS) == VQ_EVENT_DISABLE)
		return false;
	if (!event_idx || (event & VQ_EVENT_FLAGS) != VQ_EVENT_DESC)
		return true;
	/* both on the lap of place; of the lap before is negative */
	if (!!(event & VQ_EVENT_WRAP) != wrap)
		at -= size;
	return vq_event_reached(at, place, place - nr);
}

static uint64_t key_of(uint16_t id, const void *base, size_t stride)
{
	uint64_t key;

	memcpy(&key, (const char *)base + id * stride, sizeof(key));
	return key;
}

/* ids is a heap of nr but for ids[i], which may be too small for its place. */
static void sift_down(uint16_t *ids, uint32_t i, uint32_t nr, const void *base,
		      size_t stride)
{
	uint16_t id = ids[i];
	uint64_t key = key_of(id, base, stride);

	for (uint32_t child; (child = 2 * i + 1) < nr; i = child) {
		if (child + 1 < nr && key_of(ids[child + 1], base, stride) >
					      key_of(ids[child], base, stride))
			child++;
		if (key_of(ids[child], base, stride) <= key)
			break;
		ids[i] = ids[child];
	}
	ids[i] = id;
}

void vq_sort(uint16_t *ids, uint32_t nr, const void *base, size_t stride)
{
	for (uint32_t i = nr / 2; i-- > 0;)
		sift_down(ids, i, nr, base, stride);
	while (nr > 1) {
		uint16_t largest = ids[0];

		ids[0] = ids[--nr];
		ids[nr] = largest;
		sift_down(ids, 0, nr, base, stride);
	}
}
