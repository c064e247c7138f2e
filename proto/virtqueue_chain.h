/* SPDX-License-Identifier: MIT */
/*
 * From descriptors to buffers: what the device's two ring formats have in
 * common; for virtqueue_device_*.c alone. Fields of descriptors come as they
 * were read, once. Inline is what runs for each descriptor of each request.
 *
 * Failure modes: a descriptor that makes no sense is -EBADMSG with text; what
 * was taken before it is void. Threads: one at a time.
 */
#ifndef PROTO_VIRTQUEUE_CHAIN_H
#define PROTO_VIRTQUEUE_CHAIN_H

#include <errno.h>
#include <inttypes.h>

#include "proto/virtqueue_device.h"
#include "proto/virtqueue_ring.h"

/*
 * A chain on its way to be a struct vq_chain. A local variable of which no
 * pointer gets away, so that it stays in registers: what is rare gets a copy.
 */
struct vq_walk {
	struct iovec *iov;  /* next to fill */
	uint64_t top;	    /* guest address where the hot region ends */
	struct iovec *end;  /* of the room, or as many as the chain may have */
	uint64_t size;	    /* bytes of the hot region */
	uint64_t bytes;	    /* of the chain, so far */
	uintptr_t host_top; /* end of the hot region, in our memory */
	uint16_t flags;	    /* VQ_DESC_WRITE after the first of those */
};

/* A chain of at most nr descriptors */
static inline struct vq_walk vq_walk_begin(const struct vq_device *q,
					   const struct vq_chain *chain,
					   uint32_t nr)
{
	return (struct vq_walk){
		.iov = chain->iov,
		.end = chain->iov + MIN(nr, chain->max_iov),
		.top = q->hot.addr + q->hot.size_bytes,
		.size = q->hot.size_bytes,
		.host_top = (uintptr_t)q->hot.host + q->hot.size_bytes,
	};
}

/*
 * Is this descriptor another kind than the one before: the first to write, or
 * of an indirect table? Then vq_walk_turn().
 */
static inline bool vq_walk_turns(const struct vq_walk *w, uint16_t flags)
{
	return (flags ^ w->flags) & (VQ_DESC_WRITE | VQ_DESC_INDIRECT);
}

int vq_walk_bad_order(const struct vq_walk *w, struct err *err);

/* From buffers to read to buffers to write; the other way is -EBADMSG. */
static inline int vq_walk_turn(struct vq_walk *w, struct vq_chain *chain,
			       struct err *err)
{
	if (unlikely(w->flags)) {
		struct vq_walk copy = *w;

		return vq_walk_bad_order(&copy, err);
	}
	w->flags = VQ_DESC_WRITE;
	chain->nr_readable = w->iov - chain->iov;
	chain->readable_bytes = w->bytes;
	return 0;
}

/*
 * A buffer that isn't in the region where the last one was: look it up, split
 * it where regions meet, say what is wrong with it.
 */
int vq_walk_slow(struct vq_device *q, struct vq_walk *w,
		 const struct vq_chain *chain, uint64_t addr, uint32_t len,
		 struct err *err);

static inline int vq_walk_add(struct vq_device *q, struct vq_walk *w,
			      const struct vq_chain *chain, uint64_t addr,
			      uint32_t len, struct err *err)
{
	uint64_t left = w->top - addr; /* of the region */

	/* neither is 0: one below would be the largest of all */
	if (unlikely(left - 1 >= w->size || (uint64_t)len - 1 >= left ||
		     w->iov >= w->end)) {
		struct vq_walk copy = *w;
		int ret = vq_walk_slow(q, &copy, chain, addr, len, err);

		*w = copy;
		return ret;
	}
	w->iov->iov_base = (void *)(w->host_top - left);
	w->iov->iov_len = len;
	w->iov++;
	w->bytes += len;
	return 0;
}

/* The buffers of an indirect table, of the ring's format, behind others. */
int vq_walk_indirect(struct vq_device *q, struct vq_walk *w,
		     struct vq_chain *chain, uint64_t addr, uint32_t len,
		     struct err *err);

/* A chain that is an indirect table: returns as vq_walk_end(). */
int vq_chain_indirect(struct vq_device *q, struct vq_chain *chain,
		      uint64_t addr, uint32_t len, struct err *err);

#define VQ_CHAIN_BYTES_MAX (UINT64_C(1) << 32)

/*
 * A chain that was popped, but makes no sense: it has no buffers. ret and err
 * say why, unless ret is 0: then it is too long. Returns -EBADMSG.
 */
int vq_chain_refuse(const struct vq_device *q, struct vq_chain *chain,
		    uint64_t bytes, int ret, struct err *err);

/*
 * The end of the walk, which came to ret: counts and bytes of chain, and 1, or
 * -EBADMSG.
 */
static inline int vq_walk_end(const struct vq_device *q,
			      const struct vq_walk *w, int ret,
			      struct vq_chain *chain, struct err *err)
{
	uint32_t nr = w->iov - chain->iov;

	if (unlikely(ret < 0 || w->bytes > VQ_CHAIN_BYTES_MAX))
		return vq_chain_refuse(q, chain, w->bytes, ret, err);
	if (!w->flags) {
		chain->nr_readable = nr;
		chain->readable_bytes = w->bytes;
	}
	chain->nr_writable = nr - chain->nr_readable;
	chain->writable_bytes = w->bytes - chain->readable_bytes;
	return 1;
}

/* The queue is broken; returns ret. */
int vq_device_break(struct vq_device *q, int ret);

#endif
