/* SPDX-License-Identifier: MIT */
/*
 * A vhost-user-blk front-end that does what it is told. Include it once; a
 * test is a script(), run by export_run().
 */
#ifndef TESTS_VHOST_USER_FRONTEND_H
#define TESTS_VHOST_USER_FRONTEND_H

#include "tests/vhost-user/handshake.h"

static inline size_t slot_offset(unsigned queue, unsigned slot)
{
	return queue * QUEUE_BYTES + RING_BYTES + slot * SLOT_STRIDE;
}

static inline uint8_t *slot_data(struct front *f, unsigned queue, unsigned slot)
{
	return (uint8_t *)f->mem + slot_offset(queue, slot);
}

static inline uint8_t *slot_status(struct front *f, unsigned queue,
				   unsigned slot)
{
	return slot_data(f, queue, slot) + SLOT_BYTES + VIRTIO_BLK_REQUEST_LEN;
}

/* Offer a request whose data, if there is any, is the slot's. */
static inline void offer(struct front *f, unsigned queue, unsigned slot,
			 uint32_t type, uint64_t sector, uint32_t data_bytes)
{
	const struct virtio_blk_request req = {.type = type, .sector = sector};
	bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
	uint64_t at = GUEST + slot_offset(queue, slot);
	struct vq_segment segs[4];
	int n = 0;

	virtio_blk_request_encode(slot_data(f, queue, slot) + SLOT_BYTES, &req);
	*slot_status(f, queue, slot) = VIRTIO_BLK_S_NONE;
	segs[n++] =
		(struct vq_segment){at + SLOT_BYTES, VIRTIO_BLK_REQUEST_LEN};
	if (data_bytes > 512) { /* several buffers, where there can be */
		segs[n++] = (struct vq_segment){at, 512};
		segs[n++] = (struct vq_segment){at + 512, data_bytes - 512};
	} else if (data_bytes > 0) {
		segs[n++] = (struct vq_segment){at, data_bytes};
	}
	segs[n++] = (struct vq_segment){
		at + SLOT_BYTES + VIRTIO_BLK_REQUEST_LEN, 1};
	check(vq_driver_add(&f->drv[queue], segs, in ? 1 : n - 1,
			    in ? n - 1 : 1, slot_data(f, queue, slot)) >= 0);
}

static inline void publish(struct front *f, unsigned queue)
{
	if (vq_driver_publish(&f->drv[queue]))
		eventfd_write(f->kick[queue], 1);
}

/* The next completion, waited for by its call. Returns the slot. */
static inline unsigned complete(struct front *f, unsigned queue)
{
	struct vq_completion c;
	struct err err = ERR_INIT;
	eventfd_t count;
	int ret;

	while ((ret = vq_driver_pop(&f->drv[queue], &c, &err)) == 0) {
		if (vq_driver_enable_calls(&f->drv[queue]))
			continue;
		wait_readable(f->call[queue]);
		eventfd_read(f->call[queue], &count);
	}
	check_int(ret, 1);
	return ((uint8_t *)c.cookie - slot_data(f, queue, 0)) / SLOT_STRIDE;
}

/* One request, alone on its queue; its status. */
static inline int request(struct front *f, unsigned queue, uint32_t type,
			  uint64_t sector, uint32_t data_bytes)
{
	offer(f, queue, 0, type, sector, data_bytes);
	publish(f, queue);
	check_int(complete(f, queue), 0);
	return *slot_status(f, queue, 0);
}

#endif
