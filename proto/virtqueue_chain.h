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

/* A chain on its way to be a struct vq_chain. */
struct vq_walk {
	struct iovec *iov; /* next to fill */
	struct iovec *end;
	struct iovec *writable; /* the first of them, NULL before there is */
	uint64_t bytes;		/* of all so far */
	uint64_t readable_bytes;
};

static inline struct vq_walk vq_walk_begin(const struct vq_chain *chain)
{
	return (struct vq_walk){
		.iov = chain->iov,
		.end = chain->iov + chain->max_iov,
	};
}

/*
 * A buffer that isn't in the region where the last one was: look it up, split
 * it where regions meet, say what is wrong with it.
 */
int vq_walk_slow(struct vq_device *q, struct vq_walk *w, uint64_t addr,
		 uint32_t len, struct err *err);

int vq_walk_bad_order(uint64_t addr, struct err *err);

/* One buffer; of flags, VQ_DESC_WRITE counts. */
static inline int vq_walk_add(struct vq_device *q, struct vq_walk *w,
			      uint64_t addr, uint32_t len, uint16_t flags,
			      struct err *err)
{
	uint64_t offset = addr - q->hot.addr;

	if (!w->writable) {
		if (flags & VQ_DESC_WRITE) {
			w->writable = w->iov;
			w->readable_bytes = w->bytes;
		}
	} else if (unlikely(!(flags & VQ_DESC_WRITE))) {
		return vq_walk_bad_order(addr, err);
	}
	w->bytes += len;
	/* a length of 0 is one below 2^64 */
	if (unlikely(offset >= q->hot.size_bytes ||
		     (uint64_t)len - 1 >= q->hot.size_bytes - offset ||
		     w->iov == w->end))
		return vq_walk_slow(q, w, addr, len, err);
	w->iov->iov_base = q->hot.host + offset;
	w->iov->iov_len = len;
	w->iov++;
	return 0;
}

/* The buffers of an indirect table, of the ring's format. */
int vq_walk_indirect(struct vq_device *q, struct vq_walk *w, uint64_t addr,
		     uint32_t len, struct err *err);

int vq_walk_too_long(uint64_t bytes, struct err *err);

/* Counts and bytes of chain, when ret, of all steps before, is 0. */
static inline int vq_walk_end(struct vq_walk *w, int ret,
			      struct vq_chain *chain, struct err *err)
{
	if (!w->writable) {
		w->writable = w->iov;
		w->readable_bytes = w->bytes;
	}
	if (likely(ret == 0) && unlikely(w->bytes > UINT64_C(1) << 32))
		ret = vq_walk_too_long(w->bytes, err);
	if (unlikely(ret < 0)) {
		chain->nr_readable = chain->nr_writable = 0;
		chain->readable_bytes = chain->writable_bytes = 0;
		return ret;
	}
	chain->nr_readable = w->writable - chain->iov;
	chain->nr_writable = w->iov - w->writable;
	chain->readable_bytes = w->readable_bytes;
	chain->writable_bytes = w->bytes - w->readable_bytes;
	return 0;
}

/* The queue is broken; returns ret. */
int vq_device_break(struct vq_device *q, int ret);

#endif
