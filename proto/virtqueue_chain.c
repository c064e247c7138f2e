/* SPDX-License-Identifier: MIT */
/*
 * From descriptors to buffers: see virtqueue_chain.h. Here are indirect tables
 * and buffers that the last region looked up doesn't hold. Failure modes: each
 * has its text. Threads: one at a time.
 */
#include "proto/virtqueue_chain.h"

static int full(const struct vq_walk *w, struct err *err)
{
	return err_set(err, EBADMSG,
		       "more buffers than there is room for, "
		       "%" PRIu64 " bytes so far",
		       w->bytes);
}

int vq_walk_slow(struct vq_device *q, struct vq_walk *w, uint64_t addr,
		 uint32_t len, struct err *err)
{
	const struct guest_region *r;
	uint64_t left = len, offset;

	if (len == 0)
		return err_set(err, EBADMSG,
			       "empty buffer at 0x%" PRIx64 ", no length of 0 "
			       "wanted",
			       addr);
	while (left > 0) {
		r = guest_memory_region(q->mem, addr);
		if (!r)
			return err_set(err, EBADMSG,
				       "buffer of %" PRIu32
				       " bytes: no memory at 0x%" PRIx64,
				       len, addr);
		if (w->iov == w->end)
			return full(w, err);
		q->hot = *r;
		offset = addr - r->addr;
		w->iov->iov_base = r->host + offset;
		w->iov->iov_len = MIN(left, r->size_bytes - offset);
		/* no region ends beyond the last address: no wrap */
		addr += w->iov->iov_len;
		left -= w->iov->iov_len;
		w->iov++;
	}
	return 0;
}

int vq_walk_bad_order(uint64_t addr, struct err *err)
{
	return err_set(err, EBADMSG,
		       "buffer at 0x%" PRIx64
		       " to read behind one to write, before it wanted",
		       addr);
}

int vq_walk_too_long(uint64_t bytes, struct err *err)
{
	return err_set(err, EBADMSG,
		       "%" PRIu64 " bytes of buffers, at most 2^32 wanted",
		       bytes);
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

/* A descriptor of a table that is, or isn't, in one piece: its two words */
static inline int fetch(const struct vq_device *q, const char *table,
			uint64_t addr, uint32_t i, uint64_t word[2],
			struct err *err)
{
	const char *d = table + (size_t)i * VQ_DESC_BYTES;

	if (likely(table)) {
		word[0] = vq_load64_unaligned(d);
		word[1] = vq_load64_unaligned(d + 8);
		return 0;
	}
	addr += (uint64_t)i * VQ_DESC_BYTES;
	if (guest_memory_read(q->mem, addr, word, VQ_DESC_BYTES) < 0)
		return err_set(err, EBADMSG,
			       "indirect table: no memory at 0x%" PRIx64, addr);
	word[0] = le64toh(word[0]);
	word[1] = le64toh(word[1]);
	return 0;
}

static int split_table(struct vq_device *q, struct vq_walk *w, uint64_t addr,
		       const char *table, uint32_t entries, struct err *err)
{
	uint32_t i = 0;
	uint64_t d[2];
	uint16_t flags;
	int ret;

	for (uint32_t left = entries; left > 0; left--) {
		if (unlikely(i >= entries))
			return err_set(err, EBADMSG,
				       "indirect table: next is %" PRIu32
				       ", below %" PRIu32 " wanted",
				       i, entries);
		ret = fetch(q, table, addr, i, d, err);
		if (unlikely(ret < 0))
			return ret;
		flags = d[1] >> 32;
		if (unlikely(flags & VQ_DESC_INDIRECT))
			return err_set(err, EBADMSG,
				       "indirect table: another one in entry "
				       "%" PRIu32,
				       i);
		ret = vq_walk_add(q, w, d[0], d[1], flags, err);
		if (unlikely(ret < 0) || !(flags & VQ_DESC_NEXT))
			return ret;
		i = d[1] >> 48;
	}
	return err_set(err, EBADMSG,
		       "indirect table: loop, %" PRIu32
		       " entries were the longest chain wanted",
		       entries);
}

static int packed_table(struct vq_device *q, struct vq_walk *w, uint64_t addr,
			const char *table, uint32_t entries, struct err *err)
{
	uint64_t d[2];
	int ret;

	/* all entries in turn; of the flags only one means something */
	for (uint32_t i = 0; i < entries; i++) {
		ret = fetch(q, table, addr, i, d, err);
		if (unlikely(ret < 0))
			return ret;
		ret = vq_walk_add(q, w, d[0], d[1], d[1] >> 48, err);
		if (unlikely(ret < 0))
			return ret;
	}
	return 0;
}

int vq_walk_indirect(struct vq_device *q, struct vq_walk *w, uint64_t addr,
		     uint32_t len, struct err *err)
{
	uint32_t entries = len / VQ_DESC_BYTES;
	const char *table;

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
	table = table_at(q, addr, len);
	return q->packed ? packed_table(q, w, addr, table, entries, err)
			 : split_table(q, w, addr, table, entries, err);
}
