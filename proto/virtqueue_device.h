/* SPDX-License-Identifier: MIT */
/*
 * The device's end of a virtqueue: take requests, give them back used. Either
 * ring format; the caller sees no difference.
 *
 *	vq_device_disable_kicks()
 *	while (vq_device_pop() == 1) ...	start them
 *	vq_device_push() ...			as they are done
 *	if (vq_device_publish())		the driver sees them all now
 *		call
 *	if (vq_device_enable_kicks())		before sleeping
 *		pop again
 *
 * Ring, indirect tables and buffers are memory that the driver can change at
 * any time: each field is read once, checked, and used as it was read. No
 * more ring entries are ever in flight than the ring has.
 *
 * With in-flight records (vhost-user) what was popped and not published is
 * marked in memory that outlives us; init finds it, pop returns it first.
 *
 * Failure modes. A chain whose head and place in the ring are known but whose
 * rest is wrong (a bad address, a zero length, writable before readable, a
 * loop, an indirect table that is none, too many segments) fails alone:
 * -EBADMSG, and the caller either pushes it with 0 bytes or gives up on the
 * queue. What leaves no next place to go on from breaks the queue: -EPROTO
 * with text once, and -EPROTO until init. Such is an available index more
 * than size ahead, a head out of range, and of a packed ring a chain that does
 * not end, enters entries that are not available, or has a buffer ID out of
 * range. Threads: one at a time.
 */
#ifndef PROTO_VIRTQUEUE_DEVICE_H
#define PROTO_VIRTQUEUE_DEVICE_H

#include <sys/uio.h>

#include "proto/guest_memory.h"
#include "proto/virtqueue.h"

struct vq_desc;
struct vq_avail;
struct vq_used;
struct vq_packed_desc;
struct vq_split_records;
struct vq_packed_records;

struct vq_device_config {
	void *desc; /* the three areas; their bytes: see virtqueue.h */
	void *driver;
	void *device;
	uint32_t size;			/* ring entries */
	uint32_t base;			/* VRING_BASE */
	uint64_t features;		/* negotiated */
	const struct guest_memory *mem; /* see vq_device_set_memory() */
	/* In-flight records of this queue: vq_inflight_bytes(), or NULL. They
	 * overrule the base unless they are new. */
	void *inflight;
	uint16_t *resubmit; /* size of them, if inflight; ours until init */
};

struct vq_device {
	/* fixed by init */
	union {
		const struct vq_desc *desc;
		struct vq_packed_desc *packed_desc;
	};
	union {
		const struct vq_avail *avail;
		const uint32_t *driver_event;
	};
	union {
		struct vq_used *used;
		uint32_t *device_event;
	};
	union {
		struct vq_split_records *split_records; /* or NULL */
		struct vq_packed_records *packed_records;
	};
	const struct guest_memory *mem;
	uint32_t size;
	bool packed;
	bool event_idx;
	bool in_order;
	bool indirect;

	/* state */
	bool broken;
	struct guest_region hot; /* of the last look-up */
	uint16_t avail_idx;   /* next to take: split: counts; packed: place */
	uint16_t avail_seen;  /* split: of the first not there yet */
	uint16_t used_idx;    /* next to write: as avail_idx */
	uint16_t avail_flags; /* packed: of a descriptor to take */
	uint16_t used_flags;  /* packed: that make one used */
	uint16_t nr_unpublished; /* used entries (split), or places (packed) */
	uint16_t nr_batch;	 /* requests among them */
	uint16_t first_flags;	 /* packed: withheld until publish */
	uint16_t record_head;	 /* in-flight records: split: last of the batch;
				    packed: first of the free */
	uint16_t batch_head;	 /* packed ones: last chain of the batch */
	uint16_t batch_end;	 /* and the end of its first */
	uint32_t nr_in_flight;	 /* packed: places popped, not published */
	uint64_t counter;	 /* in-flight records: of the next request */
	const uint16_t *resubmit; /* records that pop returns first */
	uint32_t nr_resubmit;
};

/* A request: its memory, and what push needs to know. */
struct vq_chain {
	struct iovec *iov;    /* caller's: readable entries, then writable */
	uint32_t max_iov;     /* caller's: room there */
	uint32_t nr_readable; /* entries used */
	uint32_t nr_writable;
	uint64_t readable_bytes; /* both together: at most 2^32 */
	uint64_t writable_bytes;
	uint16_t id;	      /* split: head; packed: buffer ID */
	uint16_t nr_desc;     /* packed: ring entries */
	uint16_t place;	      /* avail_idx when it was popped */
	uint16_t record;      /* packed in-flight records: the first */
	uint16_t record_last; /* and the last */
};

/*
 * Go on from config's base or from the in-flight records. Kicks are enabled.
 * With an error the queue can't be used, but for init.
 *   -EINVAL  size, alignment of an area, or base; records of another size
 *   -EPROTO  the records contradict themselves or the ring
 */
int vq_device_init(struct vq_device *q, const struct vq_device_config *config,
		   struct err *err);

/*
 * Look up addresses in this table from now on. It stays as it is, and is kept
 * by the caller, until this is called again.
 */
void vq_device_set_memory(struct vq_device *q, const struct guest_memory *mem);

int vq_split_device_pop(struct vq_device *q, struct vq_chain *chain,
			struct err *err);
int vq_packed_device_pop(struct vq_device *q, struct vq_chain *chain,
			 struct err *err);

/*
 * The next request, into chain, whose iov and max_iov are set; a buffer that
 * lies in two adjacent regions takes two entries.
 *   1         there is one
 *   0         there is none
 *   -EBADMSG  there is one, but it makes no sense; push it all the same (0
 *             bytes written), or stop here. Only counts and bytes are 0.
 *   -EPROTO   the queue is broken
 */
static inline int vq_device_pop(struct vq_device *q, struct vq_chain *chain,
				struct err *err)
{
	return q->packed ? vq_packed_device_pop(q, chain, err)
			 : vq_split_device_pop(q, chain, err);
}

void vq_split_device_push(struct vq_device *q, const struct vq_chain *chain,
			  uint32_t written_bytes);
void vq_packed_device_push(struct vq_device *q, const struct vq_chain *chain,
			   uint32_t written_bytes);

/*
 * A popped request is done; written_bytes, from the first writable on, have
 * been written. The driver doesn't see it before publish. With
 * VIRTIO_F_IN_ORDER, in the order of pop. Its memory is the driver's again
 * with publish; the chain's fields but iov are what push needs.
 */
static inline void vq_device_push(struct vq_device *q,
				  const struct vq_chain *chain,
				  uint32_t written_bytes)
{
	if (q->packed)
		vq_packed_device_push(q, chain, written_bytes);
	else
		vq_split_device_push(q, chain, written_bytes);
}

/* Let the driver see what was pushed. true: it wants to be called. */
bool vq_device_publish(struct vq_device *q);

/* Would pop return something else than 0? For polling; a few instructions. */
bool vq_device_has_work(const struct vq_device *q);

/*
 * Ask for a kick at the next request. true: there is one already, for which
 * no kick may come.
 */
bool vq_device_enable_kicks(struct vq_device *q);

/* Rather no kicks from now on; some may still come. */
void vq_device_disable_kicks(struct vq_device *q);

/*
 * VRING_BASE for who takes over. All that was popped has been pushed and
 * published.
 */
uint32_t vq_device_base(const struct vq_device *q);

#endif
