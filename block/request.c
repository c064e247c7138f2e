/* SPDX-License-Identifier: MIT */
/*
 * The request path: range and flag checks, then either straight to the
 * driver (aligned, within the limits: no copy, no lock, no allocation) or
 * through pieces.c and zeroes.c. Where the device has no FUA of its own, a
 * request in pieces is followed by one flush instead of one per piece.
 *
 * Threads: each request stays on the loop where it was made.
 */
#include <errno.h>

#include "block/node_int.h"
#include "block/drain.h"
#include "util/iov.h"

struct node_loop *node_loop_current(struct node *node)
{
	struct loop *loop = loop_current();
	struct node_loop *nl = node->loops;

	while (nl->loop != loop)
		nl++; /* the node was opened for this loop */
	return nl;
}

static struct node_loop *co_request_begin(struct node *node)
{
	struct node_loop *nl = node_loop_current(node);

	if (unlikely(nl->held))
		co_wait_undrain(nl);
	nl->in_flight++;
	return nl;
}

static int request_end(struct node_loop *nl, int ret)
{
	if (--nl->in_flight == 0 && unlikely(nl->held))
		drain_idle(nl);
	return ret;
}

/* true when bytes from offset on lie within the node */
static bool in_range(const struct node *node, uint64_t offset, uint64_t bytes)
{
	uint64_t size = atomic_load_explicit(&node->size, memory_order_relaxed);

	return offset <= size && bytes <= size - offset;
}

/* true when the device takes the request as it is */
static inline bool is_direct(struct node_loop *nl, uint64_t offset,
			     uint64_t bytes, const struct iovec *iov,
			     int iovcnt)
{
	const struct node *node = nl->node;

	if (((offset | bytes) & node->align_mask) ||
	    bytes > node->max_transfer ||
	    (unsigned)iovcnt > node->limits.max_segments)
		return false;
	for (int i = 0; i < iovcnt; i++)
		if (((uintptr_t)iov[i].iov_base & node->buf_mask) ||
		    (iov[i].iov_len & node->align_mask) ||
		    iov[i].iov_len > node->max_segment)
			return false;
	return likely(!node->limits.needs_regions) ||
	       regions_cover(nl, iov, iovcnt);
}

static int check_write(const struct node *node, uint64_t offset, uint64_t bytes,
		       unsigned flags, unsigned allowed)
{
	if (flags & ~allowed)
		return -EINVAL;
	if (node->read_only)
		return -EPERM;
	return in_range(node, offset, bytes) ? 0 : -ENOSPC;
}

int node_co_preadv(struct node *node, uint64_t offset, const struct iovec *iov,
		   int iovcnt, unsigned flags)
{
	struct node_loop *nl;
	size_t bytes;

	if (flags || !iov_size_checked(iov, iovcnt, &bytes))
		return -EINVAL;
	nl = co_request_begin(node);
	if (!in_range(node, offset, bytes))
		return request_end(nl, -EIO);
	if (!bytes)
		return request_end(nl, 0);
	if (likely(is_direct(nl, offset, bytes, iov, iovcnt)))
		return request_end(
			nl, node->drv->co_preadv(nl, offset, iov, iovcnt));
	return request_end(nl, co_read_pieces(nl, offset, iov, iovcnt, bytes));
}

/* The flush that stands for the FUA which the pieces went without */
static int co_finish_fua(struct node_loop *nl, unsigned flags, int ret)
{
	if (ret == 0 && (flags & NODE_REQ_FUA & ~nl->node->cheap_flags))
		ret = nl->node->drv->co_flush(nl);
	return ret;
}

static int co_write(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt, uint64_t bytes,
		    unsigned flags)
{
	struct node *node = nl->node;
	uint32_t align = node->align_mask + 1;
	unsigned piece_flags = flags & node->cheap_flags;
	struct write_range w;
	int ret;

	if (unlikely((offset | bytes) & node->align_mask)) {
		co_serialise_begin(nl, &w, ALIGN_DOWN(offset, align),
				   ALIGN_UP(offset + bytes, align));
		ret = co_write_unaligned(nl, offset, iov, iovcnt, bytes,
					 piece_flags);
		serialise_end(nl, &w);
		return co_finish_fua(nl, flags, ret);
	}
	co_write_begin(nl, &w, offset, offset + bytes);
	if (likely(is_direct(nl, offset, bytes, iov, iovcnt))) {
		ret = node->drv->co_pwritev(nl, offset, iov, iovcnt, flags);
		write_end(nl, &w);
		return ret;
	}
	ret = co_write_pieces(nl, offset, iov, iovcnt, 0, bytes, piece_flags);
	write_end(nl, &w);
	return co_finish_fua(nl, flags, ret);
}

int node_co_pwritev(struct node *node, uint64_t offset, const struct iovec *iov,
		    int iovcnt, unsigned flags)
{
	struct node_loop *nl;
	size_t bytes;
	int ret;

	if (!iov_size_checked(iov, iovcnt, &bytes))
		return -EINVAL;
	nl = co_request_begin(node);
	ret = check_write(node, offset, bytes, flags, NODE_REQ_FUA);
	if (ret < 0 || !bytes)
		return request_end(nl, ret);
	return request_end(nl, co_write(nl, offset, iov, iovcnt, bytes, flags));
}

int node_co_pread(struct node *node, uint64_t offset, void *buf, size_t bytes,
		  unsigned flags)
{
	struct iovec iov = {buf, bytes};

	return node_co_preadv(node, offset, &iov, 1, flags);
}

int node_co_pwrite(struct node *node, uint64_t offset, const void *buf,
		   size_t bytes, unsigned flags)
{
	struct iovec iov = {(void *)buf, bytes};

	return node_co_pwritev(node, offset, &iov, 1, flags);
}

static int co_write_zeroes(struct node_loop *nl, uint64_t offset,
			   uint64_t bytes, unsigned flags)
{
	struct node *node = nl->node;
	uint32_t align = node->align_mask + 1;
	uint64_t start = ALIGN_DOWN(offset, align);
	uint64_t end = ALIGN_UP(offset + bytes, align);
	unsigned piece_flags = flags & (node->cheap_flags | ~NODE_REQ_FUA);
	struct write_range w;
	int ret;

	if (unlikely((offset | bytes) & node->align_mask)) {
		co_serialise_begin(nl, &w, start, end);
		ret = co_zero_pieces(nl, offset, bytes, piece_flags);
		serialise_end(nl, &w);
	} else {
		co_write_begin(nl, &w, start, end);
		ret = co_zero_pieces(nl, offset, bytes, piece_flags);
		write_end(nl, &w);
	}
	return co_finish_fua(nl, flags, ret);
}

int node_co_write_zeroes(struct node *node, uint64_t offset, uint64_t bytes,
			 unsigned flags)
{
	unsigned all = NODE_REQ_FUA | NODE_REQ_MAY_UNMAP | NODE_REQ_NO_FALLBACK;
	struct node_loop *nl = co_request_begin(node);
	int ret = check_write(node, offset, bytes, flags, all);

	if (ret < 0 || !bytes)
		return request_end(nl, ret);
	return request_end(nl, co_write_zeroes(nl, offset, bytes, flags));
}

int node_co_discard(struct node *node, uint64_t offset, uint64_t bytes)
{
	struct node_loop *nl = co_request_begin(node);
	int ret = check_write(node, offset, bytes, 0, 0);
	struct write_range w;

	if (ret < 0 || !bytes)
		return request_end(nl, ret);
	co_write_begin(nl, &w, ALIGN_DOWN(offset, node->align_mask + 1),
		       ALIGN_UP(offset + bytes, node->align_mask + 1));
	ret = co_discard_pieces(nl, offset, bytes);
	write_end(nl, &w);
	return request_end(nl, ret);
}

int node_co_flush(struct node *node)
{
	struct node_loop *nl = co_request_begin(node);

	return request_end(nl, node->read_only ? 0 : node->drv->co_flush(nl));
}

/* Merge neighbours of equal flags in place; returns how many are left. */
static int merge_extents(struct node_extent *e, int nr)
{
	int last = 0;

	for (int i = 1; i < nr; i++) {
		if (e[i].flags == e[last].flags)
			e[last].len += e[i].len;
		else
			e[++last] = e[i];
	}
	return last + 1;
}

int node_co_block_status(struct node *node, uint64_t offset, uint64_t bytes,
			 struct node_extent *extents, int max)
{
	struct node_loop *nl;
	int ret;

	if (max < 1)
		return -EINVAL;
	nl = co_request_begin(node);
	if (!in_range(node, offset, bytes))
		return request_end(nl, -EIO);
	if (!bytes)
		return request_end(nl, 0);
	ret = node->drv->co_block_status(nl, offset, bytes, extents, max);
	if (ret == -ENOTSUP) {
		extents[0] = (struct node_extent){.len = bytes};
		ret = 1;
	}
	if (ret > 0)
		ret = merge_extents(extents, ret);
	return request_end(nl, ret);
}
