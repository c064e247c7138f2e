/* SPDX-License-Identifier: MIT */
/*
 * Block status: the node's extents as descriptors of base:allocation
 * ("base:allocation" metadata context). Both lie in the job's buffer, the
 * descriptors take the place of the extents.
 *
 * Failure modes: the node's errors go to the client. A reply that covers
 * less than was asked for is no error: it asks again. Threads: the worker's
 * loop.
 */
#include <errno.h>
#include <string.h>

#include "export/nbd/nbd_int.h"

static uint32_t state_of(const struct node_extent *extent)
{
	return (extent->flags & NODE_EXTENT_ZERO ? NBD_STATE_ZERO : 0) |
	       (extent->flags & NODE_EXTENT_HOLE ? NBD_STATE_HOLE : 0);
}

/* A descriptor is smaller than an extent: it never reaches the next one. */
static void encode_extents(uint8_t *buf, int n)
{
	_Static_assert(NBD_EXTENT_LEN <= sizeof(struct node_extent),
		       "descriptors overtake extents");
	for (int i = 0; i < n; i++) {
		struct node_extent extent;

		memcpy(&extent, buf + i * sizeof(extent), sizeof(extent));
		/* within the request, whose length has 32 bits */
		nbd_encode_extent(buf + (size_t)i * NBD_EXTENT_LEN, extent.len,
				  state_of(&extent));
	}
}

int nbd_co_block_status(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;
	int n = node_co_block_status(job->client->export->node, req->offset,
				     req->len,
				     (struct node_extent *)(void *)job->buf,
				     job->buf_bytes /
					     sizeof(struct node_extent));

	if (n <= 0)
		return n < 0 ? n : -EIO;
	encode_extents(job->buf, n);
	job->data = job->buf;
	job->data_len = n * NBD_EXTENT_LEN;
	return 0;
}
