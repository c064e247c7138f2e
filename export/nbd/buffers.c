/* SPDX-License-Identifier: MIT */
/*
 * Pool of I/O buffers: see buffers.h.
 *
 * Trimming: while anything is kept a timer looks at each class once a
 * second. Buffers that lay unused for the whole second (the class never had
 * fewer free than that) are given back. A steady load therefore keeps what
 * it needs, and an idle server ends up with nothing, and without the timer.
 *
 * Where registered memory is better for the device, what isn't too large comes
 * out of a slab of it. That goes like a buffer when it lay unused.
 *
 * Failure modes: no memory (NULL); no timer, then the buffer is freed at
 * once instead of kept. Threads: one.
 */
#include "export/nbd/buffers.h"

#include <assert.h>
#include <stdlib.h>

#include "block/node.h"
#include "util/clock.h"

#define TRIM_PERIOD_NS NS_PER_SEC

#define SLAB_BYTES ((size_t)16 << 20)

static unsigned class_of(size_t size)
{
	if (size <= BUFFER_SIZE_MIN)
		return 0;
	/* bits of size - 1, counted from those of the smallest class */
	return 64 - __builtin_clzll(size - 1) - 12;
}

static size_t class_size(unsigned class)
{
	return BUFFER_SIZE_MIN << class;
}

static void *pop(struct buffers *b, unsigned class)
{
	struct buffer_class *c = &b->classes[class];
	void *buf = c->free;

	if (!buf)
		return NULL;
	c->free = *(void **)buf;
	c->nr_free--;
	c->nr_idle = MIN(c->nr_idle, c->nr_free);
	b->cached_bytes -= class_size(class);
	return buf;
}

/* Only a pool that will be trimmed may keep anything. */
static bool ensure_trimming(struct buffers *b)
{
	if (!b->trimming)
		b->trimming =
			loop_timer_arm(b->loop, &b->trim,
				       clock_now_ns() + TRIM_PERIOD_NS) == 0;
	return b->trimming;
}

/* ---- the slab ---- */

static bool slab_make(struct buffers *b)
{
	if (!ensure_trimming(b) ||
	    arena_init(&b->arena, SLAB_BYTES / BUFFER_SIZE_MIN) < 0)
		return false;
	if (node_buffer_alloc(b->node, SLAB_BYTES, &b->slab) == 0)
		return true;
	arena_exit(&b->arena);
	return false;
}

static void slab_free(struct buffers *b)
{
	node_buffer_free(b->node, &b->slab);
	arena_exit(&b->arena);
}

static void *slab_get(struct buffers *b, size_t size)
{
	size_t nr = (MAX(size, (size_t)1) - 1) / BUFFER_SIZE_MIN + 1;
	int first;

	if (nr > ARENA_TAKE_MAX || !node_limits(b->node)->uses_regions ||
	    (!b->slab.addr && !slab_make(b)))
		return NULL;
	b->slab_idle = false;
	ensure_trimming(b); /* there may have been no timer */
	first = arena_take(&b->arena, (unsigned)nr);
	if (first < 0)
		return NULL;
	return (char *)b->slab.addr + (size_t)first * BUFFER_SIZE_MIN;
}

/* false: buf is not of the slab */
static bool slab_put(struct buffers *b, void *buf)
{
	size_t at = (uintptr_t)buf - (uintptr_t)b->slab.addr;

	if (!b->slab.addr || at >= SLAB_BYTES)
		return false;
	arena_give(&b->arena, (unsigned)(at / BUFFER_SIZE_MIN));
	return true;
}

static void slab_trim(struct buffers *b)
{
	if (b->slab_idle && b->arena.nr_used == 0)
		slab_free(b);
	b->slab_idle = true;
}

/* ---- classes ---- */

static void trim(struct loop_timer *timer)
{
	struct buffers *b = container_of(timer, struct buffers, trim);

	for (unsigned class = 0; class < BUFFER_CLASSES; class ++) {
		struct buffer_class *c = &b->classes[class];

		for (unsigned n = c->nr_idle; n > 0; n--)
			free(pop(b, class));
		c->nr_idle = c->nr_free;
	}
	slab_trim(b);
	b->trimming = false;
	if (b->cached_bytes > 0 || b->slab.addr)
		ensure_trimming(b);
}

void buffers_init(struct buffers *b, struct node *node, struct loop *loop)
{
	*b = (struct buffers){.node = node, .loop = loop};
	loop_timer_init(&b->trim, trim);
}

void buffers_destroy(struct buffers *b)
{
	loop_timer_cancel(b->loop, &b->trim);
	slab_free(b);
	for (unsigned class = 0; class < BUFFER_CLASSES; class ++) {
		while (b->classes[class].free)
			free(pop(b, class));
	}
}

void *buffers_get(struct buffers *b, size_t size)
{
	unsigned class = class_of(size);
	void *buf;

	assert(size <= BUFFER_SIZE_MAX);
	buf = slab_get(b, size);
	if (!buf)
		buf = pop(b, class);
	return buf ? buf : node_alloc_buffer(b->node, class_size(class));
}

void buffers_put(struct buffers *b, void *buf, size_t size)
{
	unsigned class = class_of(size);
	struct buffer_class *c = &b->classes[class];

	if (!buf || slab_put(b, buf))
		return;
	if (b->cached_bytes + class_size(class) > BUFFERS_CACHED_MAX ||
	    !ensure_trimming(b)) {
		free(buf);
		return;
	}
	*(void **)buf = c->free;
	c->free = buf;
	c->nr_free++;
	b->cached_bytes += class_size(class);
}
