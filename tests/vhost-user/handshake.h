/* SPDX-License-Identifier: MIT */
/*
 * A vhost-user-blk front-end's way from a connection to running queues, for
 * frontend.h.
 */
#ifndef TESTS_VHOST_USER_HANDSHAKE_H
#define TESTS_VHOST_USER_HANDSHAKE_H

#include <sys/eventfd.h>
#include <sys/mman.h>

#include "proto/virtio_blk.h"
#include "proto/virtqueue_driver.h"
#include "tests/vhost-user/messages.h"
#include "tests/vhost-user/rig.h"
#include "util/compiler.h"

#define GUEST UINT64_C(0x100000000)
#define USER UINT64_C(0x7f0000000000)
#define RING 64u
#define RING_BYTES (256u << 10) /* of memory, for each ring */
#define SLOT_BYTES (16u << 10)	/* data of a request; then head, status */
#define SLOT_STRIDE (SLOT_BYTES + 4096)
#define QUEUE_BYTES (RING_BYTES + RING * SLOT_STRIDE)

#define ALL_FEATURES                                                        \
	(VIRTIO_F_VERSION_1 | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | \
	 VIRTIO_BLK_F_FLUSH | VIRTIO_BLK_F_CONFIG_WCE | VIRTIO_BLK_F_MQ |   \
	 VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_WRITE_ZEROES |                 \
	 VHOST_USER_F_PROTOCOL_FEATURES)

/* clang-format off */
#define ALL_PROTOCOL_FEATURES					\
	(VHOST_USER_PROTOCOL_F_MQ |				\
	 VHOST_USER_PROTOCOL_F_LOG_SHMFD |			\
	 VHOST_USER_PROTOCOL_F_REPLY_ACK |			\
	 VHOST_USER_PROTOCOL_F_BACKEND_REQ |			\
	 VHOST_USER_PROTOCOL_F_CONFIG |				\
	 VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD |			\
	 VHOST_USER_PROTOCOL_F_RESET_DEVICE |			\
	 VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)
/* clang-format on */

struct front {
	int sock, memfd;
	uint64_t features;
	struct vq_driver_layout layout;
	/* of GET_INFLIGHT_FD */
	struct vhost_user_inflight inflight;
	int inflight_fd;
	char *mem;
	unsigned nr_queues;
	struct vq_driver drv[MAX_QUEUES];
	struct vq_driver_slot slots[MAX_QUEUES][RING];
	int kick[MAX_QUEUES], call[MAX_QUEUES], error[MAX_QUEUES];
};

/* ---- from a connection to running queues ---- */

static inline int say(struct front *f, struct vhost_user_msg msg,
		      const int *fds, size_t nr_fds)
{
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];
	struct vhost_user_msg reply;

	msg.need_reply = msg.request > VHOST_USER_SET_PROTOCOL_FEATURES ||
			 (msg.request >= VHOST_USER_SET_MEM_TABLE &&
			  msg.request < VHOST_USER_GET_PROTOCOL_FEATURES &&
			  msg.request != VHOST_USER_GET_VRING_BASE);
	return ask(f->sock, &msg, fds, nr_fds, &reply, payload);
}

#define SAY(f, number, ...)                                               \
	say(f, (struct vhost_user_msg){.request = (number), __VA_ARGS__}, \
	    NULL, 0)
#define SAY_FD(f, fd, number, ...)                                        \
	say(f, (struct vhost_user_msg){.request = (number), __VA_ARGS__}, \
	    &(int){fd}, 1)

static inline struct vhost_user_region front_region(const struct front *f)
{
	return (struct vhost_user_region){
		.guest_addr = GUEST,
		.user_addr = USER,
		.size = f->nr_queues * QUEUE_BYTES,
	};
}

static inline void front_greet(struct front *f, const char *path,
			       uint64_t features)
{
	f->sock = front_socket(path);
	f->features = features;
	check_int(SAY(f, VHOST_USER_SET_OWNER), 0);
	check_int(SAY(f, VHOST_USER_SET_FEATURES, .u64 = features), 0);
	check_int(SAY(f, VHOST_USER_SET_PROTOCOL_FEATURES,
		      .u64 = ALL_PROTOCOL_FEATURES),
		  0);
}

static inline void front_make_ring(struct front *f, unsigned i)
{
	struct vq_driver_config config = {
		.ring = f->mem + i * QUEUE_BYTES,
		.ring_addr = GUEST + i * QUEUE_BYTES,
		.slots = f->slots[i],
		.size = RING,
		.table_segments = 16,
		.features = f->features,
	};
	struct err err = ERR_INIT;

	check_int(vq_driver_layout(&f->layout, RING, 16, f->features, &err), 0);
	check(f->layout.bytes <= RING_BYTES);
	check_int(vq_driver_init(&f->drv[i], &config, &err), 0);
	f->kick[i] = eventfd(0, EFD_CLOEXEC);
	f->call[i] = eventfd(0, EFD_CLOEXEC);
	f->error[i] = eventfd(0, EFD_CLOEXEC);
}

/* Where the rings of a queue are; log: the device's writes to them, too. */
static inline int front_tell_addr(struct front *f, unsigned i, bool log)
{
	uint64_t offset = i * QUEUE_BYTES, at = USER + offset;

	return SAY(f, VHOST_USER_SET_VRING_ADDR,
		   .addr = {.index = i,
			    .flags = log ? VHOST_USER_VRING_F_LOG : 0,
			    .desc = at + f->layout.desc,
			    .avail = at + f->layout.driver,
			    .used = at + f->layout.device,
			    .log_guest = GUEST + offset + f->layout.device});
}

static inline void front_tell_queue(struct front *f, unsigned i)
{
	bool packed = f->features & VIRTIO_F_RING_PACKED;

	check_int(SAY(f, VHOST_USER_SET_VRING_NUM, .state = {i, RING}), 0);
	check_int(SAY(f, VHOST_USER_SET_VRING_BASE,
		      .state = {i, VQ_BASE_START(packed)}),
		  0);
	check_int(front_tell_addr(f, i, false), 0);
	check_int(SAY_FD(f, f->error[i], VHOST_USER_SET_VRING_ERR,
			 .vring_fd = {i, true}),
		  0);
	check_int(SAY_FD(f, f->call[i], VHOST_USER_SET_VRING_CALL,
			 .vring_fd = {i, true}),
		  0);
	check_int(SAY_FD(f, f->kick[i], VHOST_USER_SET_VRING_KICK,
			 .vring_fd = {i, true}),
		  0);
	check_int(SAY(f, VHOST_USER_SET_VRING_ENABLE, .state = {i, 1}), 0);
}

static inline void front_start_queue(struct front *f, unsigned i)
{
	front_make_ring(f, i);
	front_tell_queue(f, i);
}

static inline void front_make_memory(struct front *f)
{
	f->memfd = memfd_create("front", MFD_CLOEXEC);
	check_int(ftruncate(f->memfd, f->nr_queues * QUEUE_BYTES), 0);
	f->mem = mmap(NULL, f->nr_queues * QUEUE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_SHARED, f->memfd, 0);
	check(f->mem != MAP_FAILED);
}

/* Records that the server makes, kept in f->inflight and f->inflight_fd. */
static inline void front_get_inflight(struct front *f)
{
	struct vhost_user_msg reply,
		msg = {
			.request = VHOST_USER_GET_INFLIGHT_FD,
			.inflight = {.nr_queues = f->nr_queues,
				     .queue_size = RING},
		};
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];

	check_int(ask_fd(f->sock, &msg, &f->inflight_fd, &reply, payload), 0);
	f->inflight = reply.inflight;
}

static inline void front_open(struct front *f, const char *path,
			      unsigned nr_queues, uint64_t features)
{
	f->nr_queues = nr_queues;
	front_greet(f, path, features);
	front_make_memory(f);
	check_int(SAY_FD(f, f->memfd, VHOST_USER_ADD_MEM_REG,
			 .region = front_region(f)),
		  0);
	for (unsigned i = 0; i < nr_queues; i++)
		front_start_queue(f, i);
}

/* As a process that is killed: the server gets no other notice. */
static inline void front_close(struct front *f)
{
	close(f->sock);
	for (unsigned i = 0; i < f->nr_queues; i++) {
		close(f->kick[i]);
		close(f->call[i]);
		close(f->error[i]);
	}
	munmap(f->mem, f->nr_queues * QUEUE_BYTES);
	close(f->memfd);
}

#endif
