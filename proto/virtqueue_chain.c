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

int vq_chain_refuse(struct vq_chain *chain, uint64_t bytes, int ret,
		    const char *name, uint16_t id, struct err *err)
{
	if (ret == 0)
		err_set(err, EBADMSG, "%" PRIu64 " bytes, at most 2^32 wanted",
			bytes);
	err_prefix(err, "virtqueue: chain at %s %u: ", name, id);
	chain->nr_readable = chain->nr_writable = 0;
	chain->readable_bytes = chain->writable_bytes = 0;
	return -EBADMSG;
}

/* The memory of an indirect table, or NULL if regions meet in it. */
static inline const char *table_at(const struct vq_device *q, uint64_t addr,
				   uint32_t len)
{
	uint64_t offset = addr - q->hot.addr;

	if (likely(offset < q->hot.size_bytes &&
		   len <= q->hot.size_bytes - offset))
		return q->hot.host + offset;
	return guest_memory_find(q->mem, addr, len);
}

/* A descriptor, as it was read */
struct words {
	uint64_t addr;
	uint64_t rest; /* see vq_desc_word() */
};

/* Of a table in which regions meet */
static int fetch_slow(const struct vq_device *q, uint64_t addr, struct words *d,
		      struct err *err)
{
	uint64_t word[2];

	if (guest_memory_read(q->mem, addr, word, sizeof(word)) < 0)
		return err_set(err, EBADMSG,
			       "indirect table: no memory at 0x%" PRIx64, addr);
	d->addr = le64toh(word[0]);
	d->rest = le64toh(word[1]);
	return 0;
}

/* Entry i of a table that is in one piece, or is NULL */
static inline int fetch(const struct vq_device *q, const char *table,
			uint64_t addr, uint32_t i, struct words *d,
			struct err *err)
{
	size_t offset = (size_t)i * VQ_DESC_BYTES;

	if (unlikely(!table)) {
		struct words copy = {0};
		int ret = fetch_slow(q, addr + offset, &copy, err);

		*d = copy;
		return ret;
	}
	d->addr = vq_load64_unaligned(table + offset);
	d->rest = vq_load64_unaligned(table + offset + 8);
	return 0;
}

static inline int split_table(struct vq_device *q, struct vq_walk *w,
			      struct vq_chain *chain, uint64_t addr,
			      const char *table, uint32_t entries,
			      struct err *err)
{
	struct words d = {0};
	uint32_t i = 0;
	uint16_t flags;
	int ret;

	/* each entry takes room: that it is bounded bounds this */
	do {
		if (unlikely(i >= entries))
			return err_set(err, EBADMSG,
				       "indirect table: next is %" PRIu32
				       ", below %" PRIu32 " wanted",
				       i, entries);
		ret = fetch(q, table, addr, i, &d, err);
		if (unlikely(ret < 0))
			return ret;
		flags = d.rest >> 32;
		if (vq_walk_turns(w, flags)) {
			if (unlikely(flags & VQ_DESC_INDIRECT))
				return err_set(err, EBADMSG,
					       "indirect table: another one in "
					       "entry %" PRIu32,
					       i);
			ret = vq_walk_turn(w, chain, err);
			if (unlikely(ret < 0))
				return ret;
		}
		ret = vq_walk_add(q, w, chain, d.addr, d.rest, err);
		i = d.rest >> 48;
	} while (likely(ret == 0) && (flags & VQ_DESC_NEXT));
	return ret;
}

static inline int packed_table(struct vq_device *q, struct vq_walk *w,
			       struct vq_chain *chain, uint64_t addr,
			       const char *table, uint32_t entries,
			       struct err *err)
{
	struct words d = {0};
	int ret = 0;

	/* all entries in turn; of the flags only one means something */
	for (uint32_t i = 0; i < entries && likely(ret == 0); i++) {
		ret = fetch(q, table, addr, i, &d, err);
		if (ret == 0 && vq_walk_turns(w, d.rest >> 48 & VQ_DESC_WRITE))
			ret = vq_walk_turn(w, chain, err);
		if (ret == 0)
			ret = vq_walk_add(q, w, chain, d.addr, d.rest, err);
	}
	return ret;
}

int vq_walk_indirect(struct vq_device *q, struct vq_walk *walk,
		     struct vq_chain *chain, uint64_t addr, uint32_t len,
		     struct err *err)
{
	uint32_t entries = len / VQ_DESC_BYTES;
	struct vq_walk w = *walk;
	uint32_t room = chain->iov + chain->max_iov - w.iov;
	const char *table;
	int ret;

	if (!q->indirect)
		return err_set(err, EBADMSG,
			       "indirect table at 0x%" PRIx64
			       ", which was not negotiated",
			       addr);
	if (len % VQ_DESC_BYTES || entries - 1 >= VQ_SIZE_MAX)
		return err_set(err, EBADMSG,
			       "indirect table of %" PRIu32
			       " bytes, 1 to %u times 16 wanted",
			       len, VQ_SIZE_MAX);
	w.end = w.iov + MIN(entries, room);
	table = table_at(q, addr, len);
	ret = q->packed ? packed_table(q, &w, chain, addr, table, entries, err)
			: split_table(q, &w, chain, addr, table, entries, err);
	*walk = w;
	return ret;
}
