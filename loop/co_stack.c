/* SPDX-License-Identifier: MIT */
/*
 * Stacks: mapped when needed, then kept in a pool per loop.
 *
 * A mapping is, from low to high: guard page, stack, struct co. Its pages
 * get memory when they are touched. A coroutine that ended stays, in the
 * middle of co_main(), ready for the next function: reuse makes no system
 * call and sets up nothing. Beyond CO_POOL_MAX free ones it is unmapped.
 *
 * Failure: co_pool_get() gives NULL when mmap(2) or mprotect(2) fails, also
 * for vm.max_map_count (two maps a stack). Own thread only.
 */
#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loop/co_int.h"

#ifdef HAVE_VALGRIND
#include <valgrind/valgrind.h>
#endif

/* Free stacks that a loop keeps. */
#define CO_POOL_MAX 256

/* Usable bytes; the sanitizers' frames are several times as large. */
#if defined(CO_ASAN) || defined(CO_TSAN)
#define CO_STACK_BYTES (256 * 1024)
#else
#define CO_STACK_BYTES (64 * 1024)
#endif

static void wake_run(struct loop_bh *bh)
{
	co_enter(container_of(bh, struct co, wake_bh));
}

static void tell_valgrind(void *lowest, void *highest)
{
#ifdef HAVE_VALGRIND
	/* it forgets the stack by itself when the range is unmapped */
	(void)VALGRIND_STACK_REGISTER(lowest, highest);
#endif
}

static struct co *set_up(char *mapping, size_t bytes, size_t guard_bytes)
{
	size_t co_bytes = ALIGN_UP(sizeof(struct co), LOOP_CACHE_LINE);
	struct co *co = (struct co *)(mapping + bytes - co_bytes);
	char *stack = mapping + guard_bytes;
	size_t stack_bytes = (char *)co - stack;

	co->mapping = mapping;
	co->mapping_bytes = bytes;
	tell_valgrind(stack, (char *)co - 1);
#ifdef CO_ASAN
	co->self.stack = stack;
	co->self.stack_bytes = stack_bytes;
#endif
#ifdef CO_TSAN
	co->self.fiber = __tsan_create_fiber(0);
#endif
	co_ctx_init(&co->self.ctx, stack, stack_bytes, co_main);
	return co;
}

static struct co *map(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t bytes = page + ALIGN_UP((size_t)CO_STACK_BYTES, page);
	char *mapping;

	mapping = mmap(NULL, bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
		       -1, 0);
	if (mapping == MAP_FAILED)
		return NULL;
	if (mprotect(mapping + page, bytes - page, PROT_READ | PROT_WRITE)) {
		munmap(mapping, bytes);
		return NULL;
	}
	return set_up(mapping, bytes, page);
}

static void unmap(struct co *co)
{
#ifdef CO_TSAN
	__tsan_destroy_fiber(co->self.fiber);
#endif
	munmap(co->mapping, co->mapping_bytes);
}

struct co *co_pool_get(struct loop *loop)
{
	struct co_pool *pool = &loop->co_pool;
	struct co *co = pool->free;

	if (likely(co)) {
		pool->free = co->pool_next;
		pool->free_count--;
	} else {
		co = map();
		if (!co)
			return NULL;
		loop_bh_init(&co->wake_bh, loop, wake_run);
		pool->stacks_mapped++;
	}
	pool->created++;
	pool->live++;
	return co;
}

void co_pool_put(struct co_pool *pool, struct co *co)
{
	pool->live--;
	if (unlikely(pool->free_count >= CO_POOL_MAX)) {
		unmap(co);
		return;
	}
	co->pool_next = pool->free;
	pool->free = co;
	pool->free_count++;
}

void co_pool_destroy(struct co_pool *pool)
{
	assert(!pool->live);
	while (pool->free) {
		struct co *co = pool->free;

		pool->free = co->pool_next;
		unmap(co);
	}
}
