/* SPDX-License-Identifier: MIT */
/*
 * Write zeroes and discard: split at the device's limits, trimmed to its
 * alignment, and written as plain zeroes where the device can't.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/node_int.h"

/* One buffer serves all requests of a loop; NULL: no memory for it. */
static void *zeroes(struct node_loop *nl)
{
	size_t bytes = nl->node->max_bounce;

	if (!nl->zeroes.addr &&
	    node_buffer_alloc(nl->node, bytes, &nl->zeroes) == 0)
		memset(nl->zeroes.addr, 0, bytes);
	return nl->zeroes.addr;
}

/* Write zeroes from a buffer: for devices without a write zeroes command. */
static int co_zero_by_write(struct node_loop *nl, uint64_t offset,
			    uint64_t bytes, unsigned flags)
{
	struct node *node = nl->node;
	int ret = 0;

	while (ret == 0 && bytes) {
		struct iovec iov = {zeroes(nl), MIN(bytes, node->max_bounce)};

		if (!iov.iov_base)
			return -ENOMEM;
		ret = co_write_pieces(nl, offset, &iov, 1, 0, iov.iov_len,
				      flags & NODE_REQ_FUA);
		offset += iov.iov_len;
		bytes -= iov.iov_len;
	}
	return ret;
}

/*
 * One device request. Some devices zero whole blocks only and refuse the rest
 * with -EINVAL, though they write any range: block devices in the page cache.
 * There the edges are written, the blocks between are zeroed.
 */
static int co_zero_device(struct node_loop *nl, uint64_t offset, uint64_t bytes,
			  unsigned flags)
{
	struct node *node = nl->node;
	const uint32_t block = node->zero_alignment;
	uint64_t end = offset + bytes;
	uint64_t start_up = ALIGN_UP(offset, block);
	uint64_t end_down = ALIGN_DOWN(end, block);
	int ret = node->drv->co_write_zeroes(nl, offset, bytes, flags);

	if (ret != -EINVAL || IS_ALIGNED(offset | bytes, block))
		return ret;
	if (start_up >= end_down)
		return co_zero_by_write(nl, offset, bytes, flags);
	ret = node->drv->co_write_zeroes(nl, start_up, end_down - start_up,
					 flags);
	if (ret == 0)
		ret = co_zero_by_write(nl, offset, start_up - offset, flags);
	if (ret == 0)
		ret = co_zero_by_write(nl, end_down, end - end_down, flags);
	return ret;
}

/* offset and bytes are multiples of the request alignment */
static int co_zero_aligned(struct node_loop *nl, uint64_t offset,
			   uint64_t bytes, unsigned flags)
{
	struct node *node = nl->node;
	uint32_t align = node->align_mask + 1;
	uint64_t max = node->limits.max_write_zeroes_len;
	int ret = 0;

	/* a limit below one block is as good as no write zeroes at all */
	max = max ? ALIGN_DOWN(max, align) : ALIGN_DOWN(UINT64_MAX, align);
	while (ret == 0 && bytes) {
		uint64_t n = MIN(bytes, max);

		ret = n ? co_zero_device(nl, offset, n, flags) : -ENOTSUP;
		if (ret == -ENOTSUP && !(flags & NODE_REQ_NO_FALLBACK))
			return co_zero_by_write(nl, offset, bytes, flags);
		offset += n;
		bytes -= n;
	}
	return ret;
}

int co_zero_pieces(struct node_loop *nl, uint64_t offset, uint64_t bytes,
		   unsigned flags)
{
	uint32_t align = nl->node->align_mask + 1;
	uint64_t end = offset + bytes;
	uint64_t start_up = ALIGN_UP(offset, align);
	uint64_t end_down = ALIGN_DOWN(end, align);
	unsigned fua = flags & NODE_REQ_FUA;
	int ret = 0;

	/* the middle first: NO_FALLBACK fails before anything is changed */
	if (start_up < end_down)
		ret = co_zero_aligned(nl, start_up, end_down - start_up, flags);
	if (ret == 0 && start_up > end_down) /* inside one block */
		return co_modify_block(nl, offset, NULL, 0, 0, bytes, fua);
	if (ret == 0 && offset < start_up)
		ret = co_modify_block(nl, offset, NULL, 0, 0, start_up - offset,
				      fua);
	if (ret == 0 && end_down < end)
		ret = co_modify_block(nl, end_down, NULL, 0, 0, end - end_down,
				      fua);
	return ret;
}

int co_discard_pieces(struct node_loop *nl, uint64_t offset, uint64_t bytes)
{
	const struct node_limits *l = &nl->node->limits;
	uint64_t align = l->discard_alignment;
	uint64_t shift = l->discard_alignment_offset % align;
	uint64_t max = l->max_discard_len ? l->max_discard_len : UINT64_MAX;
	uint64_t end = offset + bytes;
	int ret = 0;

	/* shrink to whole discard units, which lie at shift + N * align */
	offset += (align - (offset + align - shift) % align) % align;
	if (end < shift)
		return 0;
	end -= (end - shift) % align;
	/* a limit below one unit leaves parts of units, which may do nothing */
	max -= max % (max < align ? l->request_alignment : align);
	if (!max)
		return 0;
	while (ret == 0 && offset < end) {
		uint64_t n = MIN(end - offset, max);

		ret = nl->node->drv->co_discard(nl, offset, n);
		offset += n;
	}
	return ret == -ENOTSUP ? 0 : ret;
}
