/* SPDX-License-Identifier: MIT */
/*
 * The blkio block driver: any libblkio device as a block node. Private to
 * blkio.c (device) and blkio_queue.c (one queue on one loop).
 */
#ifndef BLOCK_DRIVERS_BLKIO_H
#define BLOCK_DRIVERS_BLKIO_H

#include <blkio-ext.h>

#include "block/node_int.h"

int blkio_attach(struct node_loop *nl, struct err *err);
void blkio_detach(struct node_loop *nl);

int blkio_co_preadv(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt);
int blkio_co_pwritev(struct node_loop *nl, uint64_t offset,
		     const struct iovec *iov, int iovcnt, unsigned flags);
int blkio_co_write_zeroes(struct node_loop *nl, uint64_t offset, uint64_t bytes,
			  unsigned flags);
int blkio_co_discard(struct node_loop *nl, uint64_t offset, uint64_t bytes);
int blkio_co_flush(struct node_loop *nl);
int blkio_co_block_status(struct node_loop *nl, uint64_t offset, uint64_t bytes,
			  struct node_extent *extents, int max);

#endif
