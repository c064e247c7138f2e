/* SPDX-License-Identifier: MIT */
/*
 * The pool of request slots. It grows by whole chunks, whose size doubles
 * up to a limit, so a queue at depth N has made O(log N) allocations and
 * then makes none. A full reserve is there from the start: when memory runs
 * out, that can still be told by completions.
 */
#include "libblkio/request.h"

#include <errno.h>
#include <stdlib.h>

#include "util/compiler.h"

#define SLOT_ALIGN 64  /* a cache line; the plain request is one */
#define FIRST_CHUNK 64 /* slots; half of them go to the reserve */
#define MAX_CHUNK 1024 /* slots */

struct request_chunk {
	struct request_chunk *next;
	unsigned nr; /* slots */
} __attribute__((aligned(SLOT_ALIGN)));

_Static_assert(FIRST_CHUNK > REQUEST_RESERVE, "some are free at first");

int request_pool_add(struct request_pool *pool, unsigned nr)
{
	struct request_chunk *chunk;

	chunk = aligned_alloc(SLOT_ALIGN,
			      sizeof(*chunk) + nr * pool->request_size);
	if (!chunk)
		return -ENOMEM;
	chunk->next = pool->chunks;
	chunk->nr = nr;
	pool->chunks = chunk;
	pool->nr_slots += nr;
	for (char *slot = (char *)(chunk + 1); nr > 0; nr--) {
		request_put(pool, (struct request *)slot);
		slot += pool->request_size;
	}
	return 0;
}

int request_pool_grow(struct request_pool *pool)
{
	unsigned nr = FIRST_CHUNK;

	if (pool->chunks)
		nr = MIN(pool->nr_slots, (unsigned)MAX_CHUNK);
	return request_pool_add(pool, nr);
}

int request_pool_init(struct request_pool *pool, size_t request_size)
{
	*pool = (struct request_pool){
		.request_size = ALIGN_UP(request_size, SLOT_ALIGN),
	};
	if (request_pool_grow(pool) < 0)
		return -ENOMEM;
	while (pool->nr_reserve < REQUEST_RESERVE)
		request_put_reserved(pool, request_get(pool));
	return 0;
}

void request_pool_destroy(struct request_pool *pool)
{
	while (pool->chunks) {
		struct request_chunk *next = pool->chunks->next;

		free(pool->chunks);
		pool->chunks = next;
	}
	pool->free = pool->reserve = NULL;
}

struct request *request_get_reserved(struct request_pool *pool)
{
	struct request *r = pool->reserve;

	if (r) {
		pool->reserve = r->next;
		pool->nr_reserve--;
	}
	return r;
}

void request_put_reserved(struct request_pool *pool, struct request *r)
{
	if (pool->nr_reserve >= REQUEST_RESERVE) {
		request_put(pool, r);
		return;
	}
	r->next = pool->reserve;
	pool->reserve = r;
	pool->nr_reserve++;
}
