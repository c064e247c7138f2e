/* SPDX-License-Identifier: MIT */
/* A bounce pool that can't be made fails the request that needed it, and that
 * one only; who waits for more room than there is memory goes on with less. */
#include <stdlib.h>

#include <blkio.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

enum { REQUESTS = 100, BLOCK = 4096 };

int __real_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len);
int __wrap_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len);
void __real_blkio_free_mem_region(struct blkio *b,
				  const struct blkio_mem_region *r);
void __wrap_blkio_free_mem_region(struct blkio *b,
				  const struct blkio_mem_region *r);
int __real_blkio_map_mem_region(struct blkio *b,
				const struct blkio_mem_region *r);
int __wrap_blkio_map_mem_region(struct blkio *b,
				const struct blkio_mem_region *r);

static size_t max_alloc = SIZE_MAX; /* bytes; what is larger fails */
static int map_failures;	    /* that are to come */
static int allocated;		    /* and not freed */
static struct node *node;
static int done, failed;

int __wrap_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len)
{
	int ret = len > max_alloc ? -ENOMEM
				  : __real_blkio_alloc_mem_region(b, r, len);

	allocated += ret == 0;
	return ret;
}

void __wrap_blkio_free_mem_region(struct blkio *b,
				  const struct blkio_mem_region *r)
{
	allocated--;
	__real_blkio_free_mem_region(b, r);
}

int __wrap_blkio_map_mem_region(struct blkio *b,
				const struct blkio_mem_region *r)
{
	if (map_failures > 0) {
		map_failures--;
		return -EAGAIN; /* nothing to wait for here */
	}
	return __real_blkio_map_mem_region(b, r);
}

static void co_write(void *opaque)
{
	size_t bytes = *(const size_t *)opaque;
	char *buf = calloc(1, bytes);
	int ret = node_co_pwrite(node, 0, buf, bytes, 0);

	if (ret < 0)
		check_int(ret, -ENOMEM);
	failed += ret < 0;
	done++;
	free(buf);
}

static bool all_done(void *opaque)
{
	return done == *(int *)opaque;
}

/* nr at once, of both sizes in turns */
static void mixed(int nr, size_t bytes, size_t other_bytes, int want_failed)
{
	done = failed = 0;
	for (int i = 0; i < nr; i++)
		check_int(co_start(co_write, i % 2 ? &other_bytes : &bytes), 0);
	loop_run_until(test_loop, all_done, &nr);
	check_int(failed, want_failed);
	check_int(node->loops[0].bounce.arena.nr_used, 0);
	check_int(allocated, node->loops[0].bounce.mem.len > 0);
}

static void writes(int nr, size_t bytes, int want_failed)
{
	mixed(nr, bytes, bytes, want_failed);
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=1M,needs-mem-regions=true,"
			 "latency-us=100,max-mem-regions=1");
	max_alloc = 0;
	writes(1, BLOCK, 1);
	writes(REQUESTS, BLOCK, REQUESTS);
	max_alloc = SIZE_MAX;
	map_failures = 1;
	writes(2, BLOCK, 1);
	writes(1, BLOCK, 0);

	/* a larger one fails, and takes the pool with it: the next makes one */
	max_alloc = 256 << 10;
	writes(1, 512 << 10, 1);
	writes(1, BLOCK, 0);

	/* one that fails while others wait lets them go on */
	mixed(5, BLOCK, 512 << 10, 2);

	/* more wait than there can be room for: none fails, none hangs */
	writes(REQUESTS, BLOCK, 0);
	check(node->loops[0].bounce.mem.len <= max_alloc);
	max_alloc = SIZE_MAX;
	writes(REQUESTS, BLOCK, 0);
	writes(2, 512 << 10, 0);
	close_disk(node);
	check_int(allocated, 0);
	test_end();
	return 0;
}
