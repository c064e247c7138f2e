/* SPDX-License-Identifier: MIT */
/*
 * What the driver's end of a virtqueue remembers, for virtqueue_driver*: users
 * of that make room for it. No functions here.
 */
#ifndef PROTO_VIRTQUEUE_DRIVER_STATE_H
#define PROTO_VIRTQUEUE_DRIVER_STATE_H

#include "proto/virtqueue.h"

struct vq_desc;
struct vq_avail;
struct vq_used;
struct vq_packed_desc;

/*
 * What is remembered of a request, by its id; of a descriptor (split) or a
 * buffer ID (packed) only what is the next.
 */
struct vq_driver_slot {
	void *cookie;		 /* caller's */
	uint64_t seq;		 /* order of adding; UINT64_MAX: no request */
	uint32_t writable_bytes; /* that the device may write */
	uint16_t next;		 /* of the free, or (split) of the chain */
	uint16_t last;		 /* split: end of the chain */
	uint16_t nr_desc;	 /* ring entries */
};

struct vq_driver {
	/* fixed by init */
	union {
		struct vq_desc *desc;
		struct vq_packed_desc *packed_desc;
	};
	union {
		struct vq_avail *avail;
		uint32_t *driver_event;
	};
	union {
		struct vq_used *used;
		const uint32_t *device_event;
	};
	struct vq_driver_slot *slots;
	char *tables;
	uint64_t tables_addr;
	size_t table_stride;
	char *frames; /* VQ_FRAME_BYTES for each entry */
	char *tails;  /* VQ_TAIL_MAX for each entry */
	uint64_t frames_addr;
	uint32_t tail_bytes;
	bool can_frame;
	uint32_t table_segments;
	uint32_t size;
	uint32_t max_segments;
	bool packed;
	bool event_idx;
	bool in_order;

	/* state */
	bool broken;
	bool in_batch;		 /* in order: popped a part of a batch */
	uint32_t nr_free;	 /* ring entries; 0 when broken */
	uint64_t seq;		 /* of the next request that is added */
	uint64_t seq_published;	 /* of the first that the device may not see */
	uint16_t free_head;	 /* list of slots */
	uint16_t avail_idx;	 /* split: counts requests; packed: place */
	uint16_t used_idx;	 /* of the next completion: likewise */
	uint16_t used_seen;	 /* split: of the first that isn't there yet */
	uint16_t avail_flags;	 /* packed: that make a descriptor available */
	uint16_t used_flags;	 /* packed: of one that has been used */
	uint16_t first_flags;	 /* packed: withheld until publish */
	uint16_t nr_unpublished; /* split: requests; packed: ring entries */
	uint16_t oldest;	 /* in order: the next to complete */
	uint16_t batch_last;	 /* in order: id at the end of the batch */
	uint32_t batch_bytes;	 /* in order: written to that one */
};

#endif
