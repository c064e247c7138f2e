/* SPDX-License-Identifier: MIT */
/*
 * The driver's end of a virtqueue: offer requests, learn of their completion.
 * Either ring format; the caller sees no difference.
 *
 *	vq_driver_add() ...			as many as there are
 *	if (vq_driver_publish())		the device sees them all now
 *		kick
 *	while (vq_driver_pop() == 1) ...	completions
 *	if (vq_driver_enable_calls())		before sleeping
 *		pop again
 *
 * A request takes one ring entry if it has one segment, or if there are
 * indirect tables and it fits one; else as many as it has segments. The ring
 * and the tables are the caller's memory, which the device may write to; all
 * the end needs to remember is in slots, which it may not. What the device
 * writes is read once and checked.
 *
 * After a crash of the device: pop what is left; then either start the device
 * at vq_driver_base(), if it has in-flight records, or take what
 * vq_driver_outstanding() lists, init again (in other memory, if the old
 * device may still live) and add that first.
 *
 * Failure modes: a device that breaks the rules breaks the queue: -EPROTO
 * with text once, and -EPROTO until init. What was outstanding stays so, and
 * is the caller's to fail. Threads: one at a time.
 */
#ifndef PROTO_VIRTQUEUE_DRIVER_H
#define PROTO_VIRTQUEUE_DRIVER_H

#include "proto/virtqueue_driver_state.h"

/* A piece of memory, as the device knows it. Never empty. */
struct vq_segment {
	uint64_t addr;
	uint32_t len_bytes;
};

/* Where things are in the memory of a ring: offsets and lengths in bytes. */
struct vq_driver_layout {
	size_t desc;   /* the three areas */
	size_t driver; /* on cache lines that the device doesn't write to */
	size_t device;
	size_t frames;	     /* heads, with tables for framed requests */
	size_t tails;	     /* apart, for the device writes these */
	size_t tables;	     /* indirect ones, one for each entry */
	size_t table_stride; /* from one to the next; 0: there are none */
	size_t bytes;	     /* of all */
};

struct vq_driver_config {
	void *ring;	    /* layout's bytes, on 64; init clears it */
	uint64_t ring_addr; /* of it, as the device knows it */
	struct vq_driver_slot *slots; /* size of them */
	uint32_t size;		      /* ring entries */
	uint32_t table_segments; /* of an indirect table, <= VQ_SIZE_MAX; 0 or
				    no VIRTIO_F_INDIRECT_DESC: no tables */
	uint64_t features;	 /* negotiated */
	/* for vq_driver_add_framed(), at most VQ_HEAD_MAX, VQ_TAIL_MAX; or 0 */
	uint32_t head_bytes;
	uint32_t tail_bytes;
};

/*
 * Many kinds of requests begin with something for the device to read and end
 * with something that it writes. Each id has room for both in the ring's
 * memory: a head beside a table in one line, a tail in a dense array.
 */
#define VQ_HEAD_MAX 16u
#define VQ_TAIL_MAX 8u
#define VQ_FRAME_BYTES 64u
#define VQ_FRAME_HEAD_AT 48u

struct vq_completion {
	void *cookie;
	uint32_t written_bytes; /* by the device, from the first writable on */
	uint16_t id;
};

/*
 * Where things are for a queue of that size, with features and table_segments
 * as in the config. -EINVAL: the size is none.
 */
int vq_driver_layout(struct vq_driver_layout *layout, uint32_t size,
		     uint32_t table_segments, uint64_t features,
		     struct err *err);

/*
 * Begin with an empty ring, calls enabled. Ring and slots are written; they
 * stay in use. -EINVAL: size or table_segments; ring is not aligned.
 */
int vq_driver_init(struct vq_driver *q, const struct vq_driver_config *config,
		   struct err *err);

/* Most segments that a request can have, ever. */
static inline uint32_t vq_driver_max_segments(const struct vq_driver *q)
{
	return q->max_segments;
}

/* Ring entries that are free: requests that fit if each takes one. */
static inline uint32_t vq_driver_free(const struct vq_driver *q)
{
	return q->nr_free;
}

int vq_split_driver_add(struct vq_driver *q, const struct vq_segment *segs,
			uint32_t nr_readable, uint32_t nr_writable,
			void *cookie);
int vq_packed_driver_add(struct vq_driver *q, const struct vq_segment *segs,
			 uint32_t nr_readable, uint32_t nr_writable,
			 void *cookie);

/*
 * Add a request: segments that the device reads, then those it writes, which
 * sum to no more than UINT32_MAX. The device doesn't see it before publish.
 * Returns its id, below the size, which is its own until it is popped, or
 *   -EAGAIN  no room until something completes
 *   -EINVAL  there will never be room: no segments, or above max_segments
 *   -EPROTO  the queue is broken
 */
static inline int vq_driver_add(struct vq_driver *q,
				const struct vq_segment *segs,
				uint32_t nr_readable, uint32_t nr_writable,
				void *cookie)
{
	return q->packed ? vq_packed_driver_add(q, segs, nr_readable,
						nr_writable, cookie)
			 : vq_split_driver_add(q, segs, nr_readable,
					       nr_writable, cookie);
}

/* The id that the next request gets that is added. There is room for it. */
static inline uint16_t vq_driver_next_id(const struct vq_driver *q)
{
	return q->packed && q->in_order ? q->avail_idx : q->free_head;
}

void vq_split_driver_add_framed(struct vq_driver *q, struct vq_segment data,
				bool writable, void *cookie);
void vq_packed_driver_add_framed(struct vq_driver *q, struct vq_segment data,
				 bool writable, void *cookie);

static inline void *vq_driver_head(const struct vq_driver *q, uint16_t id)
{
	return q->frames + id * VQ_FRAME_BYTES + VQ_FRAME_HEAD_AT;
}

static inline void *vq_driver_tail(const struct vq_driver *q, uint16_t id)
{
	return q->tails + id * VQ_TAIL_MAX;
}

/* It has the lengths, and the device takes tables. */
static inline bool vq_driver_can_frame(const struct vq_driver *q)
{
	return q->can_frame;
}

/*
 * As vq_driver_add() of three segments: head and tail of the id, data between;
 * faster, for two of them stay as they are. Only where vq_driver_can_frame(),
 * and an entry is free.
 */
static inline void vq_driver_add_framed(struct vq_driver *q,
					struct vq_segment data, bool writable,
					void *cookie)
{
	if (q->packed)
		vq_packed_driver_add_framed(q, data, writable, cookie);
	else
		vq_split_driver_add_framed(q, data, writable, cookie);
}

/* Let the device see what was added. true: it wants to be kicked. */
bool vq_driver_publish(struct vq_driver *q);

int vq_split_driver_pop(struct vq_driver *q, struct vq_completion *c,
			struct err *err);
int vq_packed_driver_pop(struct vq_driver *q, struct vq_completion *c,
			 struct err *err);

/*
 * The next completion: 1; or 0: none there; or -EPROTO: the device said what
 * can't be (an index out of range or ahead of what was published, an id that
 * is not outstanding, more written than was writable), or had before.
 */
static inline int vq_driver_pop(struct vq_driver *q, struct vq_completion *c,
				struct err *err)
{
	return q->packed ? vq_packed_driver_pop(q, c, err)
			 : vq_split_driver_pop(q, c, err);
}

/* Would pop return something else than 0? For polling; a few instructions. */
bool vq_driver_has_completions(const struct vq_driver *q);

/*
 * Ask for a call at the next completion. true: there is one already, for
 * which no call may come.
 */
bool vq_driver_enable_calls(struct vq_driver *q);

/* Rather no calls from now on; some may still come. */
void vq_driver_disable_calls(struct vq_driver *q);

/*
 * Ids of the requests that are outstanding, oldest first, into ids, which has
 * room for size. Returns their number; slots[id].cookie tells which they are.
 * Of a broken queue, too.
 */
uint32_t vq_driver_outstanding(const struct vq_driver *q, uint16_t *ids);

/*
 * VRING_BASE for a device that takes over this ring as it is. Everything has
 * been popped. A device with in-flight records knows better; to one without,
 * the base says that requests not yet used were never seen, which holds for a
 * split ring that was served in order.
 */
uint32_t vq_driver_base(const struct vq_driver *q);

#endif
