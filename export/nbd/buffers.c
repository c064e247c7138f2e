/* SPDX-License-Identifier: MIT */
/*
 * Pool of I/O buffers: see buffers.h.
 *
 * Trimming: while anything is kept a timer looks at each class once a
 * second. Buffers that lay unused for the whole second (the class never had
 * fewer free than that) are given back. A steady load therefore keeps what
 * it needs, and an idle server ends up with nothing, and without the timer.
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

static void trim(struct loop_timer *timer)
{
	struct buffers *b = container_of(timer, struct buffers, trim);

	for (unsigned class = 0; class < BUFFER_CLASSES; class++) {
		struct buffer_class *c = &b->classes[class];

		for (unsigned n = c->nr_idle; n > 0; n--)
			free(pop(b, class));
		c->nr_idle = c->nr_free;
	}
	b->trimming = b->cached_bytes > 0 &&
		      loop_timer_arm(b->loop, &b->trim,
				     clock_now_ns() + TRIM_PERIOD_NS) == 0;
}

void buffers_init(struct buffers *b, struct node *node, struct loop *loop)
{
	*b = (struct buffers){.node = node, .loop = loop};
	loop_timer_init(&b->trim, trim);
}

void buffers_destroy(struct buffers *b)
{
	loop_timer_cancel(b->loop, &b->trim);
	for (unsigned class = 0; class < BUFFER_CLASSES; class++) {
		while (b->classes[class].free)
			free(pop(b, class));
	}
}

void *buffers_get(struct buffers *b, size_t size)
{
	unsigned class = class_of(size);
	void *buf;

	assert(size <= BUFFER_SIZE_MAX);
	buf = pop(b, class);
	return buf ? buf : node_alloc_buffer(b->node, class_size(class));
}

/* Only a pool that will be trimmed may keep anything. */
static bool ensure_trimming(struct buffers *b)
{
	if (!b->trimming)
		b->trimming = loop_timer_arm(b->loop, &b->trim,
					     clock_now_ns() +
						     TRIM_PERIOD_NS) == 0;
	return b->trimming;
}

void buffers_put(struct buffers *b, void *buf, size_t size)
{
	unsigned class = class_of(size);
	struct buffer_class *c = &b->classes[class];

	if (!buf)
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
