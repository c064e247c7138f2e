/* SPDX-License-Identifier: MIT */
/*
 * Any request as a row of requests that the device takes: split at its
 * limits, and bounced through the loop's pool where an address, a segment
 * length or an end is misaligned, or memory is in no region of a device that
 * needs that. What goes as it is, goes without a copy.
 *
 * The common request never comes here: request.c hands it on whole. Pieces
 * are made one after the other; the first failure ends the request.
 */
#include <errno.h>
#include <string.h>

#include "block/node_int.h"
#include "util/iov.h"

/* Segments of one piece: an array on the coroutine's stack */
#define PIECE_SEGMENTS 64

struct piece {
	struct iovec iov[PIECE_SEGMENTS];
	int iovcnt;
	size_t bytes;
};

/*
 * Describe as many of the bytes [skip, skip + left) of iov as the device
 * takes as they are: aligned addresses and lengths, within its limits.
 * p->bytes is 0 when not even the first block qualifies.
 */
static void piece_direct(struct node_loop *nl, const struct iovec *iov,
			 int iovcnt, size_t skip, size_t left, struct piece *p)
{
	const struct node *node = nl->node;
	int max = (int)MIN(node->limits.max_segments, (uint32_t)PIECE_SEGMENTS);

	left = MIN(left, node->max_transfer);
	p->iovcnt = 0;
	p->bytes = 0;
	for (; iovcnt && left && p->iovcnt < max; iov++, iovcnt--) {
		char *base = iov->iov_base;
		size_t len = iov->iov_len;

		if (skip >= len) {
			skip -= len;
			continue;
		}
		base += skip;
		len = MIN(len - skip, left);
		skip = 0;
		while (len && p->iovcnt < max) {
			size_t n = MIN(len, node->max_segment);

			n = ALIGN_DOWN(n, node->align_mask + 1);
			p->iov[p->iovcnt] = (struct iovec){base, n};
			if (!n || ((uintptr_t)base & node->buf_mask) ||
			    (node->limits.needs_regions &&
			     !regions_cover(nl, &p->iov[p->iovcnt], 1)))
				return;
			p->iovcnt++;
			p->bytes += n;
			base += n;
			len -= n;
			left -= n;
		}
	}
}

/* Read up to left bytes at pos through a bounce buffer into iov at skip. */
static int co_bounce_read(struct node_loop *nl, uint64_t pos, size_t left,
			  const struct iovec *iov, int iovcnt, size_t skip,
			  size_t *done)
{
	struct node *node = nl->node;
	uint64_t start = ALIGN_DOWN(pos, node->align_mask + 1);
	uint64_t end = ALIGN_UP(pos + left, node->align_mask + 1);
	struct iovec bounce;
	int ret;

	end = MIN(end, start + node->max_bounce);
	bounce.iov_len = end - start;
	bounce.iov_base = co_bounce_get(nl, bounce.iov_len);
	if (!bounce.iov_base)
		return -ENOMEM;
	ret = node->drv->co_preadv(nl, start, &bounce, 1);
	if (ret == 0)
		*done = iov_from_buf(iov, iovcnt, skip,
				     (char *)bounce.iov_base + (pos - start),
				     MIN(left, end - pos));
	bounce_put(nl, bounce.iov_base);
	return ret;
}

int co_read_pieces(struct node_loop *nl, uint64_t offset,
		   const struct iovec *iov, int iovcnt, uint64_t bytes)
{
	struct piece p;
	size_t done = 0, n;
	int ret = 0;

	for (; ret == 0 && done < bytes; done += n) {
		uint64_t pos = offset + done;

		p.bytes = 0;
		if (!(pos & nl->node->align_mask))
			piece_direct(nl, iov, iovcnt, done, bytes - done, &p);
		n = p.bytes;
		if (n)
			ret = nl->node->drv->co_preadv(nl, pos, p.iov,
						       p.iovcnt);
		else
			ret = co_bounce_read(nl, pos, bytes - done, iov, iovcnt,
					     done, &n);
	}
	return ret;
}

/* Write up to left bytes (whole blocks) through a bounce buffer. */
static int co_bounce_write(struct node_loop *nl, uint64_t pos, size_t left,
			   const struct iovec *iov, int iovcnt, size_t skip,
			   unsigned flags, size_t *done)
{
	struct iovec bounce = {
		.iov_len = MIN(left, (size_t)nl->node->max_bounce),
	};
	int ret;

	bounce.iov_base = co_bounce_get(nl, bounce.iov_len);
	if (!bounce.iov_base)
		return -ENOMEM;
	*done = iov_to_buf(iov, iovcnt, skip, bounce.iov_base, bounce.iov_len);
	ret = nl->node->drv->co_pwritev(nl, pos, &bounce, 1, flags);
	bounce_put(nl, bounce.iov_base);
	return ret;
}

int co_write_pieces(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt, size_t skip,
		    uint64_t bytes, unsigned flags)
{
	size_t done = 0, n;
	struct piece p;
	int ret = 0;

	for (; ret == 0 && done < bytes; done += n) {
		piece_direct(nl, iov, iovcnt, skip + done, bytes - done, &p);
		n = p.bytes;
		if (n)
			ret = nl->node->drv->co_pwritev(nl, offset + done,
							p.iov, p.iovcnt, flags);
		else
			ret = co_bounce_write(nl, offset + done, bytes - done,
					      iov, iovcnt, skip + done, flags,
					      &n);
	}
	return ret;
}

int co_modify_block(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt, size_t skip,
		    size_t bytes, unsigned flags)
{
	struct node *node = nl->node;
	uint64_t start = ALIGN_DOWN(offset, node->align_mask + 1);
	struct iovec block = {.iov_len = node->align_mask + 1};
	char *at;
	int ret;

	block.iov_base = co_bounce_get(nl, block.iov_len);
	if (!block.iov_base)
		return -ENOMEM;
	ret = node->drv->co_preadv(nl, start, &block, 1);
	if (ret == 0) {
		at = (char *)block.iov_base + (offset - start);
		if (iov)
			iov_to_buf(iov, iovcnt, skip, at, bytes);
		else
			memset(at, 0, bytes);
		ret = node->drv->co_pwritev(nl, start, &block, 1, flags);
	}
	bounce_put(nl, block.iov_base);
	return ret;
}

int co_write_unaligned(struct node_loop *nl, uint64_t offset,
		       const struct iovec *iov, int iovcnt, uint64_t bytes,
		       unsigned flags)
{
	uint32_t align = nl->node->align_mask + 1;
	uint64_t done = 0, n;
	int ret = 0;

	for (; ret == 0 && done < bytes; done += n) {
		uint64_t pos = offset + done, left = bytes - done;

		if (IS_ALIGNED(pos, align) && left >= align) {
			n = ALIGN_DOWN(left, align);
			ret = co_write_pieces(nl, pos, iov, iovcnt, done, n,
					      flags);
		} else {
			n = MIN(left, ALIGN_DOWN(pos, align) + align - pos);
			ret = co_modify_block(nl, pos, iov, iovcnt, done, n,
					      flags);
		}
	}
	return ret;
}
