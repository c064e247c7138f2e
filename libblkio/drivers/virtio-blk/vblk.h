/* SPDX-License-Identifier: MIT */
/*
 * What the virtio-blk drivers share: the configuration as properties, rings
 * in memory of their own, requests, queues. A driver adds a transport: how
 * the device is reached, told of memory, and started.
 *
 * The device knows memory by our own addresses: what the transport tells of
 * a region is where it is mapped here.
 *
 * Failure modes. A request that the device could choke on is refused before
 * it gets to the ring. A device that breaks the rules of the ring is
 * abandoned. One that is gone for good is told by vblk_lost(): then what is
 * pending fails with -EIO, and so does all that comes later. One that may come
 * back, by vblk_interrupt(): then requests are held; see phases.h.
 *
 * Threads: control under the instance's lock; a queue on its thread; a
 * transport may have a thread of its own, which is told of phases.
 */
#ifndef LIBBLKIO_DRIVERS_VBLK_H
#define LIBBLKIO_DRIVERS_VBLK_H

#include "libblkio/driver.h"
#include "libblkio/properties.h"
#include "proto/virtio_blk.h"
#include "proto/virtqueue_driver.h"
#include "util/list.h"

struct vblk_dev;
struct vblk_queue;

/* ---- transport ---- */

/* Under the instance's lock, unless said otherwise. 0 or -errno. */
struct vblk_transport {
	/* The first len bytes of the device's configuration; -ENOTCONN: as
	 * start_queue() */
	int (*read_config)(struct vblk_dev *d, uint8_t *buf, size_t len,
			   struct err *err);
	/* d->rings is memory that the device shall know; and no longer. */
	int (*map_rings)(struct vblk_dev *d, struct err *err);
	void (*unmap_rings)(struct vblk_dev *d);
	/* Does it take queues of that size? -ERANGE: no; but a smaller one? */
	int (*try_queue_size)(struct vblk_dev *d, int size, struct err *err);
	/*
	 * The queue's ring is ready, with its two eventfds. -ENOTCONN: the
	 * device will come back, and the queue be started then.
	 */
	int (*start_queue)(struct vblk_queue *q, struct err *err);
	/* The device uses it no longer; it may have been lost before. */
	void (*stop_queue)(struct vblk_queue *q);
	/* Any thread: a queue has parked; see phases.h. */
	void (*parked)(struct vblk_dev *d);
};

/* ---- device ---- */

struct vblk_dev {
	struct blkio base;
	const struct vblk_transport *transport; /* set by create */
	uint64_t features;  /* negotiated; set by connect */
	int queue_size;	    /* property: entries; as used, once started */
	int max_queue_size; /* property */
	/* most bytes of one request to the device; by is_zeroes */
	uint64_t max_range[2];
	uint32_t table_segments; /* of an indirect table */
	/* all rings, one after the other; addr NULL: none */
	struct blkio_mem_region rings;
	size_t queue_bytes;   /* of one ring with its headers in there */
	unsigned queue_rings; /* of each queue: 2 to change between; set by
				 connect or later, before start */
	unsigned next_queue;  /* index of the next that is made */
	pthread_mutex_t lock; /* innermost: the list of queues */
	struct list queues;   /* of struct vblk_queue */
};

static inline struct vblk_dev *to_vblk(struct blkio *b)
{
	return (struct vblk_dev *)b;
}

/* What requests make use of, where the device has it */
#define VBLK_FEATURES                                                      \
	(VIRTIO_BLK_F_SIZE_MAX | VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_RO |  \
	 VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_FLUSH |                      \
	 VIRTIO_BLK_F_TOPOLOGY | VIRTIO_BLK_F_MQ | VIRTIO_BLK_F_DISCARD |  \
	 VIRTIO_BLK_F_WRITE_ZEROES | VIRTIO_F_VERSION_1 | VQ_FEATURES)

/* Defaults; the driver's create() goes on from there. 0 or -errno. */
int vblk_create(struct vblk_dev *d, const struct vblk_transport *transport,
		struct err *err);

/* With the features negotiated: fill base.info but for max_mem_regions. */
int vblk_connect(struct vblk_dev *d, struct err *err);

/* The driver's slots of these names. */
int vblk_start(struct blkio *b, struct err *err);
int vblk_get_capacity(struct blkio *b, uint64_t *bytes, struct err *err);

/* Queues are gone, and so is the transport: it is told nothing. */
void vblk_destroy(struct vblk_dev *d);

/*
 * With d started or not: can the device whose configuration this is stand in
 * for the one that d was connected to? *capacity: bytes. -EIO: no.
 */
int vblk_check_successor(const struct vblk_dev *d, const uint8_t *buf,
			 size_t len, uint64_t *capacity, struct err *err);

/* It is known to be that now. */
void vblk_set_capacity(struct vblk_dev *d, uint64_t bytes);

int vblk_set_queue_size(struct blkio *b, const struct property *p,
			const union property_value *v, struct err *err);

#define VBLK_PROPERTIES                                                     \
	INSTANCE_PROPERTIES,                                                \
	INFO_PROPERTIES(PROPERTY_CONNECTED, PROPERTY_ALWAYS, 0),            \
	PROPERTY(INT, "queue-size", struct vblk_dev, queue_size,            \
		 PROPERTY_ALWAYS, DEVICE_CONNECTED, vblk_set_queue_size),   \
	PROPERTY(INT, "max-queue-size", struct vblk_dev, max_queue_size,    \
		 PROPERTY_ALWAYS, 0, NULL)

/* ---- queue ---- */

/*
 * What a request has in the ring's memory besides the caller's buffers, and
 * its header and status, which are the head and tail of the ring's.
 */
union vblk_extra {
	uint8_t segment[VIRTIO_BLK_SEGMENT_LEN]; /* write zeroes, discard */
	uint8_t id[VIRTIO_BLK_ID_LEN];		 /* get-id; the device's */
	uint64_t align[4];
};

/* All that it takes to add it again is in there until it is complete. */
struct vblk_request {
	struct request base;
	uint64_t ranged; /* write zeroes, discard: bytes done */
	uint32_t range;	 /* of them, bytes that the device is at */
	bool flushing;	 /* FUA: the write is done */
};

struct vblk_queue {
	struct blkioq base;
	struct vq_driver vq;
	union vblk_extra *extras; /* by the id that a request has there */
	struct vq_segment *segs;     /* of the request being added */
	int phase;   /* enum vblk_phase, atomic */
	bool armed;  /* calls are asked for, from the next completion on */
	bool halted; /* the thread's: the ring isn't its own, see phases */
	int call_fd; /* eventfd; the completion fd, but of a poll queue */
	int kick_fd; /* eventfd */
	struct request_fifo held;  /* requests not to be added yet, in order */
	struct request_fifo again; /* the ring's owner's: they come first */
	unsigned ring;		   /* which of the queue's rings it is at */
	unsigned incarnation;	   /* the transport's: of what it told of it */
	struct vq_driver_slot *slots;
	uint16_t *ids;	       /* for failing what is outstanding */
	unsigned index;	       /* the device's */
	struct list_node link; /* in the device's list */
};

static inline struct vblk_queue *to_vblkq(struct blkioq *q)
{
	return (struct vblk_queue *)q;
}

static inline struct vblk_request *to_vblkr(struct request *r)
{
	return (struct vblk_request *)r;
}

/* ---- queue.c ---- */

/* Bytes of a queue's part of the rings; layout is that of its ring. */
int vblk_queue_bytes(const struct vblk_dev *d, struct vq_driver_layout *layout,
		     size_t *bytes, struct err *err);

int vblk_queue_init(struct blkioq *q, struct err *err);
void vblk_queue_exit(struct blkioq *q);

/* With an empty ring, the other one if it has two. */
int vblk_queue_make_ring(struct vblk_queue *q, struct err *err);

/* ---- process.c ---- */

int vblk_process(struct blkioq *q, unsigned want, bool reap,
		 const struct queue_wait *wait);
void vblk_completion_fd_changed(struct blkioq *q);

/* Wait for what the device has, until deadline_ns. Completes it. */
void vblk_settle(struct vblk_queue *q, int64_t deadline_ns);

/* ---- request.c ---- */

int vblk_submit(struct blkioq *q, struct request *r);

/* Add r, or the step of it that the last device did not finish. As submit. */
int vblk_add_again(struct vblk_queue *q, struct request *r);

/* The device is done with what c says: complete the request, or go on. */
void vblk_completed(struct vblk_queue *q, const struct vq_completion *c);

/* ---- what a driver's table is made of ---- */

#define VBLK_SLOTS                                                      \
	.queue_size = sizeof(struct vblk_queue),                        \
	.request_size = sizeof(struct vblk_request),                    \
	.start = vblk_start, .get_capacity = vblk_get_capacity,         \
	.queue_init = vblk_queue_init, .queue_exit = vblk_queue_exit,   \
	.submit = vblk_submit, .process = vblk_process,                 \
	.completion_fd_changed = vblk_completion_fd_changed

#endif
