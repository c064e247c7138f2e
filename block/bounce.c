/* SPDX-License-Identifier: MIT */
/*
 * The bounce pool of a loop: memory for requests whose own the device can't
 * take, as it is misaligned or in no memory region.
 *
 * The pool is one piece of memory, mapped for devices that need that. It is
 * made when first needed, as large as that request and BOUNCE_SPARE. Who finds
 * no room waits, first come first served: a waiter that is waked and still
 * finds none keeps its place at the front, and nobody overtakes it. A request
 * therefore waits for those before it and never for those after, whatever
 * their sizes.
 *
 * A pool that has made requests wait is too small, be it that all is in use or
 * that what isn't lies in parts. As it can't be moved while it is in use, the
 * waiters let it run empty; the first of them then makes a new one, with room
 * for all that wait, and twice as large at least: where half is free, a run
 * that is long enough all but always is. NODE_LOOP_BOUNCE_MAX ends that: enough
 * for 32 of the largest pieces (NODE_BOUNCE_MAX, in which longer requests come
 * here one after the other) or for 8192 blocks, and no more than may be pinned
 * for each queue of a device that pins it.
 *
 * Failure modes: a pool that could not be made is the failure of the request
 * which needed it, -ENOMEM. Where only room for the others was missing, the
 * pool stays as small as it was. Each request that got its memory or failed
 * wakes the next. Making a pool blocks the loop, for a few system calls or a
 * question to the device's process; it is done as often as the load grows.
 *
 * Threads: the loop's own.
 */
#include <errno.h>
#include <stdlib.h>

#include "block/node_int.h"

#define BOUNCE_SPARE (128u << 10) /* bytes */

/* A pool from the heap that is larger goes when it is empty. */
#define BOUNCE_KEEP (2u << 20)

static unsigned granules(const struct node *node, size_t bytes)
{
	return (unsigned)(ALIGN_UP(bytes, node->bounce_granule) /
			  node->bounce_granule);
}

void bounce_destroy(struct node_loop *nl)
{
	struct bounce *b = &nl->bounce;

	if (!b->arena.runs)
		return;
	arena_exit(&b->arena);
	if (b->mem.fd >= 0)
		nl->node->drv->free_region(nl->node, &b->mem);
	else
		free(b->mem.addr);
	b->mem.len = 0;
}

static int memory_alloc(struct node *node, struct node_buffer *mem)
{
	int ret;

	if (!node->limits.needs_regions) {
		mem->fd = -1;
		return posix_memalign(&mem->addr, node->bounce_granule,
				      mem->len)
			       ? -ENOMEM
			       : 0;
	}
	ret = node->drv->alloc_region(node, mem, NULL);
	if (ret < 0)
		return ret;
	ret = node->drv->map_region(node, mem, NULL);
	if (ret < 0)
		node->drv->free_region(node, mem);
	return ret;
}

static int pool_make(struct node_loop *nl, size_t bytes)
{
	struct node *node = nl->node;
	struct bounce *b = &nl->bounce;
	uint64_t align = MAX(node->limits.region_alignment,
			     (uint64_t)node->bounce_granule);
	struct node_buffer mem = {.len = ALIGN_UP(bytes, align)};
	int ret = arena_init(&b->arena, granules(node, mem.len));

	if (ret == 0)
		ret = memory_alloc(node, &mem);
	if (ret < 0)
		arena_exit(&b->arena);
	else
		b->mem = mem;
	return ret;
}

/* Nobody uses the pool: make one for bytes, and for those who wait. */
static int pool_grow(struct node_loop *nl, size_t bytes)
{
	struct bounce *b = &nl->bounce;
	size_t wanted = b->waiting_bytes + BOUNCE_SPARE;
	int ret;

	if (b->small)
		wanted = MAX(wanted, 2 * b->mem.len);
	bounce_destroy(nl); /* there may be no region to spare for two */
	b->small = false;
	ret = pool_make(nl, MIN(wanted, NODE_LOOP_BOUNCE_MAX));
	if (ret < 0 && wanted > bytes + BOUNCE_SPARE) {
		b->max_bytes = 0;
		ret = pool_make(nl, bytes + BOUNCE_SPARE);
	}
	return ret < 0 ? -ENOMEM : 0;
}

/* 0, -EAGAIN: wait, -ENOMEM: there can be no pool */
static int get(struct node_loop *nl, size_t bytes, void **buf)
{
	struct bounce *b = &nl->bounce;
	int granule = -1;

	if (b->arena.nr_used == 0 && (b->small || bytes > b->mem.len) &&
	    pool_grow(nl, bytes) < 0)
		return -ENOMEM;
	if (!b->small)
		granule = arena_take(&b->arena, granules(nl->node, bytes));
	if (granule < 0) {
		b->small = b->mem.len < b->max_bytes;
		return -EAGAIN;
	}
	*buf = (char *)b->mem.addr + (size_t)granule * nl->node->bounce_granule;
	return 0;
}

/* One at a time, so that those waked can't change places. */
static void wake_next(struct bounce *b)
{
	if (!b->waked)
		b->waked = co_queue_wake(&b->waiters);
}

void *co_bounce_get(struct node_loop *nl, size_t bytes)
{
	struct bounce *b = &nl->bounce;
	void *buf = NULL;

	bytes = ALIGN_UP(bytes, nl->node->bounce_granule);
	b->waiting_bytes += bytes;
	if (b->waked || !co_queue_empty(&b->waiters)) {
		co_queue_wait(&b->waiters);
		b->waked = false;
	}
	while (get(nl, bytes, &buf) == -EAGAIN) {
		co_queue_wait_front(&b->waiters);
		b->waked = false;
	}
	b->waiting_bytes -= bytes;
	wake_next(b); /* there may be room for it, too, or it fails as well */
	return buf;
}

void bounce_put(struct node_loop *nl, void *buf)
{
	struct bounce *b = &nl->bounce;

	arena_give(&b->arena, (unsigned)(((char *)buf - (char *)b->mem.addr) /
					 nl->node->bounce_granule));
	wake_next(b);
	if (b->arena.nr_used == 0 && !b->waked && b->mem.fd < 0 &&
	    b->mem.len > BOUNCE_KEEP)
		bounce_destroy(nl);
}

void bounce_init(struct node_loop *nl)
{
	nl->bounce.max_bytes = NODE_LOOP_BOUNCE_MAX;
	co_queue_init(&nl->bounce.waiters);
}
