/* SPDX-License-Identifier: MIT */
/*
 * Block nodes: what verbs and exports do I/O on.
 *
 * A node is opened for a set of loops; each loop gets a queue of the device,
 * and requests made on a loop use that queue. Requests are coroutine calls:
 * they yield until done and return 0 or -errno. Any alignment, length and
 * number of segments is allowed within the size: the node splits, bounces
 * and reads-modifies-writes as the device's limits ask.
 *
 * Ordering: requests in flight at the same time may take effect in any
 * order, but a read-modify-write never loses another request's bytes. A
 * flush covers every write that was complete before it was made, on any
 * loop.
 *
 * Threads: requests on any of the node's loops, from coroutines. Open, close,
 * drain and resize on the main loop (the first), outside coroutines.
 */
#ifndef BLOCK_NODE_H
#define BLOCK_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "util/err.h"
#include "util/list.h"

struct loop;
struct node;
struct options;

/* Request flags */
#define NODE_REQ_FUA 1u		/* on stable storage when it returns */
#define NODE_REQ_MAY_UNMAP 2u	/* zeroes: space may be given back */
#define NODE_REQ_NO_FALLBACK 4u /* zeroes: -ENOTSUP rather than slow */

/* Block status flags */
#define NODE_EXTENT_ZERO 1u
#define NODE_EXTENT_HOLE 2u

struct node_extent {
	uint64_t len; /* bytes */
	uint32_t flags;
};

/* Device limits, validated. Bytes; 0 means no limit, or not known. */
struct node_limits {
	uint32_t request_alignment; /* power of two; > 1: smaller is emulated */
	uint32_t buf_alignment;	    /* power of two */
	uint32_t optimal_buf_alignment;
	uint32_t optimal_io_alignment;
	uint32_t optimal_io_size;
	uint32_t max_transfer; /* multiple of request_alignment */
	uint32_t max_segments; /* count, >= 1 */
	uint32_t max_segment_len;
	uint64_t max_write_zeroes_len;
	uint64_t max_discard_len;
	uint32_t discard_alignment; /* multiple of request_alignment */
	uint32_t discard_alignment_offset;
	/* memory regions, see struct node_buffer */
	bool needs_regions;	   /* requests in other memory are copied */
	bool uses_regions;	   /* needed, or faster */
	uint64_t region_alignment; /* power of two */
	uint64_t max_regions;	   /* count, not 0 when needed */
};

/*
 * Memory that a device is told of ahead of its requests. Where limits say
 * needs_regions, requests in any other memory are copied through a bounded
 * pool; where they say uses_regions, requests in it are faster.
 */
struct node_buffer {
	void *addr;
	size_t len;	   /* bytes */
	int64_t fd_offset; /* of addr in fd, bytes */
	int fd;		   /* the file that the memory is of, or -1 */
};

/*
 * Open a node. opts: "driver" (a libblkio driver's name), "node-name",
 * "read-only" (on/off), "cache.direct", "path" (or "filename" for io_uring),
 * and the driver's own properties by name. opts stays the caller's; what is
 * taken from it is marked so, unknown options are refused.
 *
 * loops: the loops that will do requests; the first is the caller's own, the
 * others run (loop_thread_start()) or are not needed. One queue each.
 *   -EINVAL   option unknown, missing or bad; limits of the device are bad
 *   -ENOENT   no such driver, file ...; other errnos from the device
 *   -EROFS    the device is read-only, read-only=on was not given
 */
int node_open(struct options *opts, struct loop *const *loops, int nr_loops,
	      struct node **node, struct err *err);

/*
 * Wait for the requests in flight, flush (unless read-only), close, free.
 * Returns 0 or the flush's -errno (the node is closed all the same).
 * All users must have gone.
 */
int node_close(struct node *node, struct err *err);

/* ---- facts; any thread ---- */

const char *node_name(const struct node *node); /* "" when unnamed */
const char *node_driver_name(const struct node *node);
bool node_read_only(const struct node *node);
const struct node_limits *node_limits(const struct node *node);

/* Size in bytes as of open or the last resize or refresh. */
uint64_t node_size(const struct node *node);

/* Ask the device for its size, which may have changed behind our back. */
int node_probe_size(const struct node *node, uint64_t *bytes, struct err *err);

/*
 * Take note of a device that has grown behind our back. One that has shrunk
 * keeps its size: what users were promised stays in range. One that needs
 * regions is not asked: it is another process's, which may not answer, and
 * this is quick. 0, or -errno of node_probe_size(). On the main loop.
 */
int node_refresh_size(struct node *node, struct err *err);

/* changed() is called on the main loop when the size has. */
struct node_size_watch {
	void (*changed)(struct node_size_watch *watch); /* set by the caller */
	struct list_node link;				/* private */
};

/* On the main loop; the watch stays the caller's until it is taken away. */
void node_watch_size(struct node *node, struct node_size_watch *watch);
void node_unwatch_size(struct node_size_watch *watch);

/* ---- requests; coroutines ---- */

/*
 *   -EINVAL   unknown flags
 *   -EIO      beyond the size (reads and all others but writes)
 *   -ENOSPC   write or write zeroes beyond the size
 *   -EPERM    write to a read-only node
 *   -ENOMEM   no bounce buffer
 *   other     from the device
 */
int node_co_preadv(struct node *node, uint64_t offset, const struct iovec *iov,
		   int iovcnt, unsigned flags);
int node_co_pwritev(struct node *node, uint64_t offset, const struct iovec *iov,
		    int iovcnt, unsigned flags);
int node_co_pread(struct node *node, uint64_t offset, void *buf, size_t bytes,
		  unsigned flags);
int node_co_pwrite(struct node *node, uint64_t offset, const void *buf,
		   size_t bytes, unsigned flags);
int node_co_write_zeroes(struct node *node, uint64_t offset, uint64_t bytes,
			 unsigned flags);

/* A hint: what is misaligned or unsupported stays as it is, and is 0. */
int node_co_discard(struct node *node, uint64_t offset, uint64_t bytes);
int node_co_flush(struct node *node);

/*
 * Up to max extents from offset on, adjacent ones of equal flags merged.
 * Returns how many (>= 1 when bytes > 0); they may cover less than bytes,
 * never more. A device that can't tell reports data.
 */
int node_co_block_status(struct node *node, uint64_t offset, uint64_t bytes,
			 struct node_extent *extents, int max);

/* ---- control; main loop, outside coroutines ---- */

/*
 * Hold new requests on all loops and wait until those in flight are done;
 * until node_undrain(). Nests. Other events go on meanwhile.
 */
void node_drain(struct node *node);
void node_undrain(struct node *node);

/* Set the size; drains around it. Errors as blkio_resize(). */
int node_resize(struct node *node, uint64_t bytes, struct err *err);

/* Requests in flight on the calling loop, held ones included. */
unsigned node_in_flight(const struct node *node);

/* Memory aligned as requests on node want it. free() it. */
void *node_alloc_buffer(const struct node *node, size_t bytes);

/* ---- registered buffers; any thread ---- */

/*
 * Let requests use buf, whose memory stays the caller's and stays there until
 * it is unregistered, or the node closed. Does nothing where limits don't say
 * uses_regions. A request that can't know whether it worked need not: it is
 * copied if it must be.
 *   -ENOSPC   the device has no more regions
 *   -EINVAL   addr or len is misaligned, overlaps another region, or the
 *             device needs an fd
 *   -ENOMEM
 */
int node_register_buf(struct node *node, const struct node_buffer *buf,
		      struct err *err);

/* The reverse; no request may be using buf. No-op when not registered. */
void node_unregister_buf(struct node *node, const struct node_buffer *buf);

/*
 * At least bytes of memory in *buf: registered where that pays and works, else
 * as from node_alloc_buffer(). 0, or -ENOMEM with addr NULL. Before the node
 * is closed it has to be given back; one with addr NULL needs not.
 */
int node_buffer_alloc(struct node *node, size_t bytes, struct node_buffer *buf);
void node_buffer_free(struct node *node, struct node_buffer *buf);

/* ---- images ---- */

/*
 * Create a regular file of the given size, sparse, with the permissions that
 * the umask leaves of mode; with exclusive false an existing file is
 * truncated and keeps its own. 0 or -errno of open(2) / ftruncate(2).
 */
int image_create(const char *path, uint64_t bytes, mode_t mode, bool exclusive,
		 struct err *err);

#endif
