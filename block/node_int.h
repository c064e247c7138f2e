/* SPDX-License-Identifier: MIT */
/*
 * Inside block/: the node, its share on each loop, and the table a block
 * driver fills in. node.h is what users see.
 *
 * Threads: struct node is set up on the main loop and read-only while it is
 * open, but for the fields that say otherwise. Each struct node_loop belongs
 * to its loop's thread.
 */
#ifndef BLOCK_NODE_INT_H
#define BLOCK_NODE_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "block/node.h"
#include "loop/co.h"
#include "loop/loop.h"
#include "util/arena.h"
#include "util/compiler.h"
#include "util/list.h"

#define NODE_MAX_LOOPS 64 /* bits of serialising.acked */

/* Most bytes one device request carries where the device sets no limit */
#define NODE_MAX_TRANSFER (1u << 30)

/* Most bytes bounced at a time by one request, and by all of a loop */
#define NODE_BOUNCE_MAX (1u << 20)
#define NODE_LOOP_BOUNCE_MAX (32u << 20)

struct region_table; /* regions.c */

/* A loop's bounce pool; bounce.c */
struct bounce {
	struct node_buffer mem; /* len 0: none; fd -1: from the heap */
	struct arena arena;	/* of mem, in node.bounce_granule */
	size_t waiting_bytes;	/* wanted, by those in co_bounce_get() */
	size_t max_bytes;	/* up to where mem grows for those who wait */
	bool small;		/* let it run empty, then grow */
	bool waked;		/* the first waiter is, but has not run yet */
	struct co_queue waiters;
};

struct node_loop {
	struct node *node;
	struct loop *loop;
	void *opaque;	    /* the driver's */
	unsigned in_flight; /* requests begun and not ended */
	unsigned nr_held;   /* requests waiting for the end of a drain */
	bool held;	    /* drained: new requests wait */
	struct co_queue held_queue;
	struct bounce bounce;
	struct node_buffer zeroes;    /* max_bounce of them once needed */
	struct region_table *regions; /* the newest when last looked at */
	atomic_bool idle;    /* held and nothing in flight; main reads it */
	struct list writes;  /* struct write_range: in flight here */
	struct loop_bh scan; /* look at the serialising requests again */
} __attribute__((aligned(64)));

struct node {
	const struct block_driver *drv;
	void *opaque; /* the driver's */
	char *name;
	char *driver_name;
	bool read_only;
	unsigned cheap_flags; /* NODE_REQ_FUA if a FUA write costs no flush */
	struct node_limits limits;
	/* from limits, for the fast path: */
	uint32_t align_mask;	 /* offsets and lengths */
	uint32_t buf_mask;	 /* addresses */
	uint32_t max_transfer;	 /* never 0 */
	uint32_t max_segment;	 /* never 0 */
	uint32_t max_bounce;	 /* most bytes bounced at a time, never 0 */
	uint32_t bounce_granule; /* bytes; what bounce buffers consist of */
	uint32_t zero_alignment; /* what any device can zero; power of two */
	_Atomic(uint64_t) size;	 /* bytes */
	struct list size_watches; /* struct node_size_watch; main loop */

	/* regions.c */
	pthread_mutex_t regions_lock;
	_Atomic(struct region_table *) regions; /* NULL: never had any */
	uint64_t nr_regions;			/* registered; under the lock */

	unsigned drained;	 /* main loop: depth of node_drain() */
	struct loop_bh drain_bh; /* wakes the main loop in node_drain() */

	/* serialise.c; the lock is taken by read-modify-writes, and by writes
	 * while there are any */
	pthread_mutex_t ser_lock;
	struct list ser_list; /* struct write_range: oldest first */
	atomic_uint nr_ser;   /* entries of ser_list */

	int nr_loops;
	struct node_loop loops[];
};

/*
 * A block driver. Request slots are called on nl's loop in a coroutine, with
 * ranges and buffers within the node's limits and bytes > 0.
 */
struct block_driver {
	/* Open the device; fills opaque, limits, size, flags. 0 or -errno. */
	int (*open)(struct node *node, struct options *opts, struct err *err);
	void (*close)(struct node *node);
	/* Give nl a queue, take it away; on nl's loop, outside coroutines. */
	int (*attach)(struct node_loop *nl, struct err *err);
	void (*detach)(struct node_loop *nl);
	int (*get_size)(const struct node *node, uint64_t *bytes,
			struct err *err);
	int (*resize)(struct node *node, uint64_t bytes, struct err *err);

	/*
	 * Where limits.uses_regions, on any thread. Allocate buf->len bytes
	 * (a multiple of region_alignment) that can be mapped, aligned as
	 * requests and regions are, with an fd. Map what may be registered.
	 */
	int (*alloc_region)(struct node *node, struct node_buffer *buf,
			    struct err *err);
	void (*free_region)(struct node *node, const struct node_buffer *buf);
	int (*map_region)(struct node *node, const struct node_buffer *buf,
			  struct err *err);
	void (*unmap_region)(struct node *node, const struct node_buffer *buf);

	int (*co_preadv)(struct node_loop *nl, uint64_t offset,
			 const struct iovec *iov, int iovcnt);
	int (*co_pwritev)(struct node_loop *nl, uint64_t offset,
			  const struct iovec *iov, int iovcnt, unsigned flags);
	/* -ENOTSUP: the caller writes zeroes instead, if it may */
	int (*co_write_zeroes)(struct node_loop *nl, uint64_t offset,
			       uint64_t bytes, unsigned flags);
	int (*co_discard)(struct node_loop *nl, uint64_t offset,
			  uint64_t bytes);
	int (*co_flush)(struct node_loop *nl);
	int (*co_block_status)(struct node_loop *nl, uint64_t offset,
			       uint64_t bytes, struct node_extent *extents,
			       int max);
};

extern const struct block_driver blkio_block_driver;

/* The calling loop's share of node; the node was opened for that loop. */
struct node_loop *node_loop_current(struct node *node);

/* limits.c: check what the driver filled in, compute the fast-path fields */
int node_limits_apply(struct node *node, struct err *err);

/* ---- serialise.c: writes that must not overlap ---- */

struct write_range {
	struct list_node link; /* node_loop.writes or node.ser_list */
	uint64_t start, end;   /* bytes, aligned outwards */
	/* of a serialising request (one that reads, modifies and writes): */
	struct co *co;
	struct list waiters; /* struct range_waiter; under ser_lock */
	uint64_t acked;	     /* loops without an overlapping write */
	bool waiting;	     /* in co_yield(), wants one co_wake() */
};

/* Begin an aligned write: wait while an overlapping read-modify-write runs */
void co_write_begin(struct node_loop *nl, struct write_range *w, uint64_t start,
		    uint64_t end);
void write_end(struct node_loop *nl, struct write_range *w);

/* Begin a read-modify-write: wait for everything that overlaps */
void co_serialise_begin(struct node_loop *nl, struct write_range *w,
			uint64_t start, uint64_t end);
void serialise_end(struct node_loop *nl, struct write_range *w);

void serialise_scan_bh(struct loop_bh *bh);

/* ---- regions.c ---- */

/* true when each segment lies in one registered buffer */
bool regions_cover(struct node_loop *nl, const struct iovec *iov, int iovcnt);
void regions_destroy(struct node *node); /* the table of them */

/* ---- bounce.c ---- */

void bounce_init(struct node_loop *nl);
void bounce_destroy(struct node_loop *nl); /* all buffers are back */

/* A buffer of at most NODE_BOUNCE_MAX bytes that the device takes; NULL: there
 * is no memory for it. May wait for those who were here before. */
void *co_bounce_get(struct node_loop *nl, size_t bytes);
void bounce_put(struct node_loop *nl, void *buf);

/* ---- pieces.c: any request as requests that the device takes ---- */

/* skip: where in iov the request's bytes begin */
int co_read_pieces(struct node_loop *nl, uint64_t offset,
		   const struct iovec *iov, int iovcnt, uint64_t bytes);
/* offset and bytes are multiples of the request alignment */
int co_write_pieces(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt, size_t skip,
		    uint64_t bytes, unsigned flags);
/* any offset and bytes, within a serialised section */
int co_write_unaligned(struct node_loop *nl, uint64_t offset,
		       const struct iovec *iov, int iovcnt, uint64_t bytes,
		       unsigned flags);
/* read, change bytes within one block (iov NULL: to zero) and write it back;
 * within a serialised section */
int co_modify_block(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt, size_t skip,
		    size_t bytes, unsigned flags);

/* ---- zeroes.c ---- */

int co_zero_pieces(struct node_loop *nl, uint64_t offset, uint64_t bytes,
		   unsigned flags);
int co_discard_pieces(struct node_loop *nl, uint64_t offset, uint64_t bytes);

#endif
