/* SPDX-License-Identifier: MIT */
/*
 * A driver and a device on the two ends of one virtqueue, in one process. The
 * memory between them has addresses of its own, GUEST onwards, so that nobody
 * takes those for pointers. It is shared with children. The ring comes first,
 * then data, at pair_data(). Include it once.
 */
#ifndef TESTS_PROTO_VQ_PAIR_H
#define TESTS_PROTO_VQ_PAIR_H

#include <errno.h>
#include <sys/mman.h>

#include "proto/virtqueue_device.h"
#include "proto/virtqueue_driver.h"
#include "tests/check.h"
#include "util/compiler.h"

#define GUEST UINT64_C(0x7fff00000000)
#define PAIR_DATA_BYTES (1u << 20)
#define PAIR_IOVS 256
#define PAIR_HEAD_BYTES 16u
#define PAIR_TAIL_BYTES 1u

struct pair {
	struct vq_driver drv;
	struct vq_device dev;
	struct vq_driver_config config;
	struct vq_driver_layout layout;
	struct guest_region region; /* all there is */
	struct guest_memory mem;
	char *host;
	size_t bytes;
	uint16_t *resubmit;
	struct err err;
};

static inline uint64_t pair_data(const struct pair *p)
{
	return GUEST + ALIGN_UP(p->layout.bytes, 4096);
}

static inline void *pair_ptr(const struct pair *p, uint64_t guest)
{
	return p->host + (guest - GUEST);
}

static inline uint64_t pair_guest(const struct pair *p, const void *host)
{
	return GUEST + ((const char *)host - p->host);
}

static inline struct vq_device_config pair_device_config(struct pair *p)
{
	return (struct vq_device_config){
		.desc = p->host + p->layout.desc,
		.driver = p->host + p->layout.driver,
		.device = p->host + p->layout.device,
		.size = p->config.size,
		.base = VQ_BASE_START(p->drv.packed),
		.features = p->config.features,
		.mem = &p->mem,
		.resubmit = p->resubmit,
	};
}

static inline void pair_open(struct pair *p, uint32_t size, uint64_t features,
			     uint32_t table_segments)
{
	struct vq_device_config config;

	memset(p, 0, sizeof(*p));
	check_int(vq_driver_layout(&p->layout, size, table_segments, features,
				   &p->err),
		  0);
	p->bytes = pair_data(p) - GUEST + PAIR_DATA_BYTES;
	p->host = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(p->host != MAP_FAILED);
	p->region = (struct guest_region){
		.addr = GUEST,
		.size_bytes = p->bytes,
		.host = p->host,
	};
	p->mem = (struct guest_memory){.regions = &p->region, .nr = 1};
	p->config = (struct vq_driver_config){
		.ring = p->host,
		.ring_addr = GUEST,
		.slots = calloc(size, sizeof(struct vq_driver_slot)),
		.size = size,
		.table_segments = table_segments,
		.features = features,
		.head_bytes = PAIR_HEAD_BYTES,
		.tail_bytes = PAIR_TAIL_BYTES,
	};
	p->resubmit = calloc(size, sizeof(*p->resubmit));
	check(p->config.slots && p->resubmit);
	check_int(vq_driver_init(&p->drv, &p->config, &p->err), 0);
	config = pair_device_config(p);
	check_int(vq_device_init(&p->dev, &config, &p->err), 0);
}

static inline void pair_close(struct pair *p)
{
	munmap(p->host, p->bytes);
	free(p->config.slots);
	free(p->resubmit);
}

/* Every combination of features that means something: 16 */
#define PAIR_MODES 16

static inline uint64_t pair_features(unsigned mode)
{
	return VIRTIO_F_VERSION_1 | (mode & 1 ? VIRTIO_F_RING_PACKED : 0) |
	       (mode & 2 ? VIRTIO_F_EVENT_IDX : 0) |
	       (mode & 4 ? VIRTIO_F_INDIRECT_DESC : 0) |
	       (mode & 8 ? VIRTIO_F_IN_ORDER : 0);
}

/* xorshift: the same numbers in every run */
static inline uint32_t pair_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 16;
}

#endif
