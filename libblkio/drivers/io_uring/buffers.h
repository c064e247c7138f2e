/* SPDX-License-Identifier: MIT */
/*
 * Registered buffers of a queue's ring: which entries of its region table are
 * registered, and where.
 */
#ifndef LIBBLKIO_IOU_BUFFERS_H
#define LIBBLKIO_IOU_BUFFERS_H

#include "libblkio/drivers/io_uring/iou.h"
#include "libblkio/regions.h"

/*
 * Changed under the instance's lock only, by the queue's thread; another one
 * clears the slots of a region that is being unmapped, which no request uses.
 */
#define IOU_BUFFERS_MAX 1024
#define IOU_BUFFER_BYTES (UINT64_C(1) << 30) /* the kernel's limit */

struct iou_buffers {
	struct iou_slots {
		uint16_t first; /* slot of the region's first GiB */
		uint16_t nr;	/* 0: the region is not registered */
	} *slots;		/* for each entry of blkioq.regions */
	uint64_t last_id;	/* of the regions that have been tried */
	bool stale;		/* atomic: slots are to be looked through */
	bool vectored;		/* the kernel takes vectors of them */
	bool used[IOU_BUFFERS_MAX];
};

/* Where the device has fixed-buffers; fails for want of memory only. */
int iou_buffers_init(struct iou_queue *q, struct err *err);
void iou_buffers_exit(struct iou_queue *q);

/* Register and let go as regions have come and gone. No lock held. */
void iou_buffers_update(struct iou_queue *q);

/* The driver's unmap_region(). */
void iou_unmap_region(struct blkio *b, const struct mapped_region *m);

/* Whether [addr, addr + len) lies in a registered buffer: its slot. */
bool iou_buffers_find(struct iou_queue *q, const void *addr, size_t len,
		      uint16_t *slot);

static inline bool iou_buffers_changed(const struct iou_queue *q)
{
	return __atomic_load_n(&q->base.dev->mapped, __ATOMIC_RELAXED) !=
		       q->base.regions ||
	       __atomic_load_n(&q->buffers->stale, __ATOMIC_RELAXED);
}

#endif
