/* SPDX-License-Identifier: MIT */
/*
 * From descriptors to buffers: see virtqueue_chain.h. Here are indirect tables
 * and buffers that the last region looked up doesn't hold. Failure modes: each
 * has its text. Threads: one at a time.
 */
#include "proto/virtqueue_chain.h"

static int full(const struct vq_walk *w, const struct vq_chain *chain,
		struct err *err)
{
	uint32_t nr = w->end - chain->iov;

	if (nr < chain->max_iov)
		return err_set(err, EBADMSG,
			       "loop: a chain longer than the %" PRIu32
			       " descriptors there are",
			       nr);
	return err_set(err, EBADMSG, "more buffers than %" PRIu32, nr);
}

/* The part of [addr, addr + left) that lies in one region; bytes, or 0 */
static uint64_t put_part(struct vq_device *q, struct vq_walk *w, uint64_t addr,
			 uint64_t left)
{
	const struct guest_region *r = guest_memory_region(q->mem, addr);

	if (!r)
		return 0;
	q->hot = *r;
	w->top = r->addr + r->size_bytes;
	w->size = r->size_bytes;
	w->host_top = (uintptr_t)r->host + r->size_bytes;
	w->iov->iov_base = r->host + (addr - r->addr);
	w->iov->iov_len = MIN(left, r->size_bytes - (addr - r->addr));
	return w->iov++->iov_len;
}

int vq_walk_slow(struct vq_device *q, struct vq_walk *w,
		 const struct vq_chain *chain, uint64_t addr, uint32_t len,
		 struct err *err)
{
	struct iovec *room = chain->iov + chain->max_iov;
	uint64_t part;

	if (len == 0)
		return err_set(err, EBADMSG,
			       "empty buffer at 0x%" PRIx64
			       ", 1 byte or more wanted",
			       addr);
	if (w->iov >= w->end)
		return full(w, chain, err);
	/* no region ends beyond the last address, so that none wraps */
	for (uint64_t done = 0; done < len; done += part) {
		if (w->iov == room)
			return full(w, chain, err);
		part = put_part(q, w, addr + done, len - done);
		if (part == 0)
			return err_set(err, EBADMSG,
				       "buffer of %" PRIu32
				       " bytes at 0x%" PRIx64
				       ": no memory at 0x%" PRIx64,
				       len, addr, addr + done);
		/* one descriptor, more than one entry */
		if (done > 0 && w->end < room)
			w->end++;
	}
	w->bytes += len;
	return 0;
}

int vq_walk_bad_order(const struct vq_walk *w, struct err *err)
{
	return err_set(err, EBADMSG,
		       "a buffer to read after one to write, %" PRIu64
		       " bytes into the chain",
		       w->bytes);
}

int vq_chain_refuse(const struct vq_device *q, struct vq_chain *chain,
		    uint64_t bytes, int ret, struct err *err)
{
	if (ret == 0)
		err_set(err, EBADMSG, "%" PRIu64 " bytes, at most 2^32 wanted",
			bytes);
	if (q->packed)
		err_prefix(err, "virtqueue: chain at place %u: ", chain->place);
	else
		err_prefix(err, "virtqueue: chain at head %u: ", chain->id);
	chain->nr_readable = chain->nr_writable = 0;
	chain->readable_bytes = chain->writable_bytes = 0;
	return -EBADMSG;
}

/* An indirect table */
struct table {
	uint64_t addr;
	const char *host; /* NULL: regions meet in it */
	uint32_t entries;
};

/* A descriptor, as it was read */
struct words {
	uint64_t addr;
	uint64_t rest; /* see vq_desc_word() */
};

static int fetch_pieces(const struct vq_device *q, const struct table *t,
			uint32_t i, struct words *d, struct err *err)
{
	uint64_t addr = t->addr + (uint64_t)i * VQ_DESC_BYTES, word[2];

	if (guest_memory_read(q->mem, addr, word, sizeof(word)) < 0)
		return err_set(err, EBADMSG,
			       "indirect table: no memory at 0x%" PRIx64, addr);
	d->addr = le64toh(word[0]);
	d->rest = le64toh(word[1]);
	return 0;
}

static inline int fetch(const struct vq_device *q, const struct table *t,
			uint32_t i, struct words *d, struct err *err)
{
	size_t offset = (size_t)i * VQ_DESC_BYTES;

	if (unlikely(!t->host)) {
		struct table t_copy = *t; /* see struct vq_walk */
		struct words d_copy = {0};
		int ret = fetch_pieces(q, &t_copy, i, &d_copy, err);

		*d = d_copy;
		return ret;
	}
	d->addr = vq_load64_unaligned(t->host + offset);
	d->rest = vq_load64_unaligned(t->host + offset + 8);
	return 0;
}

static int bad_entry(uint32_t entries, uint32_t i, bool nested, struct err *err)
{
	if (nested)
		return err_set(err, EBADMSG,
			       "indirect table: another one in entry %" PRIu32,
			       i);
	return err_set(err, EBADMSG,
		       "indirect table: next is %" PRIu32 ", below %" PRIu32
		       " wanted",
		       i, entries);
}

static ALWAYS_INLINE int split_table(struct vq_device *q, struct vq_walk *w,
				     struct vq_chain *chain,
				     const struct table *t, struct err *err)
{
	uint32_t entries = t->entries;
	struct words d = {0};
	uint32_t i = 0;
	uint16_t flags;
	int ret;

	/* each entry takes room: that it is bounded bounds this */
	do {
		ret = fetch(q, t, i, &d, err);
		if (unlikely(ret < 0))
			return ret;
		flags = d.rest >> 32;
		if (vq_walk_turns(w, flags)) {
			if (unlikely(flags & VQ_DESC_INDIRECT))
				return bad_entry(entries, i, true, err);
			ret = vq_walk_turn(w, chain, err);
			if (unlikely(ret < 0))
				return ret;
		}
		ret = vq_walk_add(q, w, chain, d.addr, d.rest, err);
		if (unlikely(ret < 0) || !(flags & VQ_DESC_NEXT))
			return ret;
		i = d.rest >> 48;
	} while (likely(i < entries));
	return bad_entry(entries, i, false, err);
}

static ALWAYS_INLINE int packed_table(struct vq_device *q, struct vq_walk *w,
				      struct vq_chain *chain,
				      const struct table *t, struct err *err)
{
	struct words d = {0};
	int ret = 0;

	/* all entries in turn; of the flags only one means something */
	for (uint32_t i = 0; i < t->entries && likely(ret == 0); i++) {
		ret = fetch(q, t, i, &d, err);
		if (ret == 0 && vq_walk_turns(w, d.rest >> 48 & VQ_DESC_WRITE))
			ret = vq_walk_turn(w, chain, err);
		if (ret == 0)
			ret = vq_walk_add(q, w, chain, d.addr, d.rest, err);
	}
	return ret;
}

static int bad_table(const struct vq_device *q, uint64_t addr, uint32_t len,
		     struct err *err)
{
	if (!q->indirect)
		return err_set(err, EBADMSG,
			       "indirect table at 0x%" PRIx64
			       ", which was not negotiated",
			       addr);
	return err_set(err, EBADMSG,
		       "indirect table of %" PRIu32
		       " bytes, 1 to %u times 16 wanted",
		       len, VQ_SIZE_MAX);
}

static ALWAYS_INLINE int walk_table(struct vq_device *q, struct vq_walk *w,
				    struct vq_chain *chain, uint64_t addr,
				    uint32_t len, struct err *err)
{
	uint32_t room = chain->iov + chain->max_iov - w->iov;
	struct table t = {.addr = addr, .entries = len / VQ_DESC_BYTES};
	uint64_t left = w->top - addr; /* of the region */

	if (unlikely(!q->indirect || len % VQ_DESC_BYTES ||
		     t.entries - 1 >= VQ_SIZE_MAX))
		return bad_table(q, addr, len, err);
	w->end = w->iov + MIN(t.entries, room);
	if (likely(left - 1 < w->size && len <= left))
		t.host = (const char *)(w->host_top - left);
	else
		t.host = guest_memory_find(q->mem, addr, len);
	return q->packed ? packed_table(q, w, chain, &t, err)
			 : split_table(q, w, chain, &t, err);
}

int vq_walk_indirect(struct vq_device *q, struct vq_walk *walk,
		     struct vq_chain *chain, uint64_t addr, uint32_t len,
		     struct err *err)
{
	struct vq_walk w = *walk;
	int ret = walk_table(q, &w, chain, addr, len, err);

	*walk = w;
	return ret;
}

int vq_chain_indirect(struct vq_device *q, struct vq_chain *chain,
		      uint64_t addr, uint32_t len, struct err *err)
{
	struct vq_walk w = vq_walk_begin(q, chain, q->size);
	int ret = walk_table(q, &w, chain, addr, len, err);

	return vq_walk_end(q, &w, ret, chain, err);
}
