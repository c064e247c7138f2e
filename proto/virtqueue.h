/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues: what both ends agree on. Feature bits, the sizes of a ring's
 * parts, the value of VRING_BASE, and the sizes of the in-flight records that
 * a vhost-user front-end keeps for its back-end. Section names in comments
 * are those of the virtio specification.
 *
 * A ring has three parts: descriptor area (descriptor table; descriptor
 * ring), driver area (available ring; driver event suppression), device area
 * (used ring; device event suppression), of the split and the packed format.
 * Who offers requests uses virtqueue_driver.h; who serves them
 * virtqueue_device.h. Kick: the driver's notification; call: the device's.
 *
 * Memory order. The ends are threads of processors that share caches, so C11
 * order is enough; a real device that asks for VIRTIO_F_ORDER_PLATFORM needs
 * more than this code does. TSan knows all accesses but full fences, and those
 * order nothing but decisions to notify.
 *
 * Failure modes: as named, with text. Threads: functions are pure; a queue's
 * end belongs to one thread at a time.
 */
#ifndef PROTO_VIRTQUEUE_H
#define PROTO_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

/* Reserved Feature Bits */
#define VIRTIO_F_INDIRECT_DESC (UINT64_C(1) << 28)
#define VIRTIO_F_EVENT_IDX (UINT64_C(1) << 29)
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)
#define VIRTIO_F_RING_PACKED (UINT64_C(1) << 34)
#define VIRTIO_F_IN_ORDER (UINT64_C(1) << 35)

/* Those that both ends implement; other bits don't matter here. */
#define VQ_FEATURES                                                           \
	(VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_RING_PACKED | \
	 VIRTIO_F_IN_ORDER)

#define VQ_SIZE_MAX 32768u /* entries, of both formats */
#define VQ_DESC_BYTES 16u  /* one descriptor, of both formats */

/*
 * Is this a ring's size? -EINVAL: 0, above VQ_SIZE_MAX, or, of a split ring,
 * no power of two.
 */
int vq_check_size(uint32_t size, bool packed, struct err *err);

/* Bytes and alignment of the parts of a ring that has a valid size. */
size_t vq_desc_area_bytes(uint32_t size);
size_t vq_driver_area_bytes(uint32_t size, bool packed);
size_t vq_device_area_bytes(uint32_t size, bool packed);
#define VQ_DESC_AREA_ALIGN 16u
#define VQ_DRIVER_AREA_ALIGN(packed) ((packed) ? 4u : 2u)
#define VQ_DEVICE_AREA_ALIGN 4u

/* ---- The value of VRING_BASE: where a device goes on ---- */

/*
 * Split: the index of the available ring, 16 bits. Packed: a position in the
 * descriptor ring with its wrap counter in bit 15, of available descriptors
 * in the low half, of used ones in the high half.
 */
/* Of a new ring: at the begin of the first lap */
#define VQ_BASE_START(packed) ((packed) ? 0x80008000u : 0u)

static inline uint32_t vq_base_packed(uint16_t avail, bool avail_wrap,
				      uint16_t used, bool used_wrap)
{
	return (uint32_t)avail | (uint32_t)avail_wrap << 15 |
	       (uint32_t)used << 16 | (uint32_t)used_wrap << 31;
}

/* ---- Inflight I/O tracking (vhost-user) ---- */

/*
 * Bytes of the records of one queue: what to multiply by the number of queues
 * for GET_INFLIGHT_FD; the records of queue N begin at N times that. New
 * records are all zero.
 */
size_t vq_inflight_bytes(uint32_t size, bool packed);

#endif
