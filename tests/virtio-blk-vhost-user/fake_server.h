/* SPDX-License-Identifier: MIT */
/*
 * A vhost-user-blk server inside of the test program, on a thread of its own:
 * a disk in memory that has the features it is told to have, and does as it
 * should unless a hook does otherwise. It maps what it is told of by itself,
 * so that data gets through only if the driver said the right things, and
 * ends the test when the driver says what it must not.
 *
 *	struct fake f;
 *	fake_init(&f);		then set what is to be different
 *	fake_start(&f);		b is connected and started
 *	fake_end(&f);
 *
 * One that listens has one client after the other, and its disk outlives them;
 * all else, but for what was passed to it, begins anew.
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include <pthread.h>

#include "proto/vhost_user.h"
#include "proto/virtio_blk.h"
#include "proto/virtqueue_device.h"
#include "tests/libblkio/blkio_test.h"

#define FAKE_QUEUES 2
#define FAKE_REGIONS 64
#define FAKE_BATCH 64
#define FAKE_SEEN 4096
#define FAKE_SECTORS 2048 /* of the disk, to begin with: 1 MiB */
#define FAKE_BYTES (FAKE_SECTORS * VIRTIO_BLK_SECTOR_BYTES)

/* A request, as it came */
struct fake_seen {
	uint32_t type;
	uint64_t sector;
	uint64_t nr_sectors;
	uint32_t flags; /* of discard and write zeroes */
};

struct fake_queue {
	struct vq_device dev;
	uint16_t *resubmit;
	struct vhost_user_vring_addr addr;
	uint32_t size;
	uint32_t base;
	int kick;
	int call;
	int err;
	bool running;
};

struct fake {
	/* what it is like: the test's, until fake_start() */
	uint64_t features;
	uint64_t protocol_features;
	struct virtio_blk_config config;
	uint64_t nr_queues; /* as it says; at most FAKE_QUEUES in truth */
	uint64_t nr_slots;  /* as it says */
	uint32_t max_size;  /* entries of a ring */
	const char *serial; /* NULL: knows none */
	bool listens;	    /* at path; else it has one end of a pair */
	const char *props;  /* the driver's, from the start */
	/*
	 * Hooks, on the server's thread. The answer to a message, which has
	 * been acted upon: true if the hook has said what is to be said, or
	 * nothing.
	 */
	bool (*on_answer)(struct fake *f, const struct vhost_user_msg *msg,
			  const uint8_t *answer, size_t len);
	/* Is that a request to go on with? false: it is kept, and records,
	 * if there are any, tell of it. */
	bool (*on_request)(struct fake *f, struct fake_queue *q);
	/* A request that has been done: true if the hook has pushed it. */
	bool (*on_done)(struct fake *f, struct fake_queue *q,
			struct vq_chain *chain, uint32_t written);
	/* Its status before it is written; OK if it has been done */
	uint8_t (*on_status)(struct fake *f, uint8_t status);
	void *arg; /* of the hooks */

	/* the driver */
	struct blkio *b;
	struct blkioq *q; /* its first, of whichever kind; or NULL */
	int client;	  /* its end of the socket, until it has taken it */

	/* the server's own */
	pthread_t thread;
	char path[64];	     /* where it listens */
	int listener, stop;  /* eventfd: no more clients */
	unsigned nr_clients; /* atomic: that there have been */
	int back;	     /* where changes are told; -1: not agreed upon */
	struct vhost_user_inflight inflight;
	int inflight_fd;
	char *records; /* NULL: none */
	int sock;
	bool hung_up;
	uint64_t driver_features, driver_protocol; /* as negotiated */
	struct fake_queue queues[FAKE_QUEUES];
	struct guest_region regions[FAKE_REGIONS];
	struct guest_memory mem;
	int fds[VHOST_USER_FDS_MAX];
	size_t nr_fds;
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];
	uint8_t *disk, *buf;
	unsigned nr_messages; /* atomic */
	unsigned nr_sizes_refused;

	/* lock: what the test may look at as it goes on */
	pthread_mutex_t lock;
	struct fake_seen seen[FAKE_SEEN];
	unsigned nr_seen;
};

/* Everything that a server can have. */
void fake_init(struct fake *f);

/* Serve, and make an instance that is told of the socket. */
void fake_create(struct fake *f);

/* There are no clients from now on. Any thread; it has to listen. */
void fake_stop(struct fake *f);

/* Tell the driver that the configuration has changed. */
void fake_tell_change(struct fake *f);

/* As that; connected and started with one queue, and what props say. */
void fake_start(struct fake *f);

/* A mapped region of the instance. */
struct blkio_mem_region fake_region(struct fake *f, size_t len);

/* Destroy the instance; the server ends of it. */
void fake_end(struct fake *f);

/* What has been seen since it was last asked; returns how many. */
unsigned fake_take_seen(struct fake *f, struct fake_seen *seen, unsigned max);

/* ---- for hooks ---- */

void fake_send(struct fake *f, const void *buf, size_t len, const int *fds,
	       size_t nr_fds);
/* When what it is at is done. */
void fake_hang_up(struct fake *f);

#endif
