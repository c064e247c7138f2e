/* SPDX-License-Identifier: MIT */
/*
 * Pool of I/O buffers of one export on one loop: power-of-two sizes, last in
 * first out so that what is used next is still in the cache, and nothing is
 * allocated once a load is steady.
 *
 * Bounded: what a load no longer needs is freed within about two seconds, and
 * no more than BUFFERS_CACHED_MAX is ever kept, besides the registered slab.
 * How much is out at a time is for the user to bound. Threads: one.
 */
#ifndef EXPORT_NBD_BUFFERS_H
#define EXPORT_NBD_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

#include "block/node.h"
#include "loop/loop.h"
#include "util/arena.h"

#define BUFFER_SIZE_MIN ((size_t)4 << 10)
#define BUFFER_SIZE_MAX ((size_t)32 << 20)
#define BUFFER_CLASSES 14 /* from the one to the other */
#define BUFFERS_CACHED_MAX ((size_t)64 << 20)

struct buffer_class {
	void *free; /* linked through their first bytes */
	unsigned nr_free;
	unsigned nr_idle; /* the least of nr_free since the last trim */
};

struct buffers {
	struct node *node; /* tells what alignment buffers need */
	struct loop *loop;
	struct loop_timer trim;	 /* armed while anything is kept */
	bool trimming;		 /* it is */
	bool slab_idle;		 /* nothing was got since the last trim */
	size_t cached_bytes;	 /* kept in classes */
	struct node_buffer slab; /* registered with node; addr NULL: none */
	struct arena arena;	 /* of slab, in BUFFER_SIZE_MIN */
	struct buffer_class classes[BUFFER_CLASSES];
};

void buffers_init(struct buffers *b, struct node *node, struct loop *loop);

/* Free what is kept. All buffers are back (they would leak). */
void buffers_destroy(struct buffers *b);

/* At least size bytes, at most BUFFER_SIZE_MAX; NULL: no memory. */
void *buffers_get(struct buffers *b, size_t size);

/* size as in buffers_get(); NULL is allowed. */
void buffers_put(struct buffers *b, void *buf, size_t size);

#endif
