/* SPDX-License-Identifier: MIT */
/* The pool is made for the first request and 128 KiB, and made anew, larger,
 * only while nobody uses it; a steady load of whatever depth stops for that
 * once. */
#include <stdlib.h>

#include <blkio.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

#define SPARE (128u << 10)

enum { DEPTH = 256, BLOCK = 4096, TIMES = 8 };

int __real_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len);
int __wrap_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len);

static struct node *node;
static int pools, done;

static struct bounce *pool(void)
{
	return &node->loops[0].bounce;
}

int __wrap_blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *r,
				  size_t len)
{
	check_int(pool()->arena.nr_used, 0);
	check_int(len % node->limits.region_alignment, 0);
	pools++;
	return __real_blkio_alloc_mem_region(b, r, len);
}

static void co_read_once(void *opaque)
{
	size_t bytes = *(size_t *)opaque;
	char *buf = malloc(bytes);

	check_int(node_co_pread(node, 0, buf, bytes, 0), 0);
	free(buf);
}

static void read_once(size_t bytes, int want_pools, size_t want_len)
{
	check_int(co_run(co_read_once, &bytes), 0);
	check_int(pools, want_pools);
	check_int(pool()->mem.len, want_len);
}

static void co_read_on(void *opaque)
{
	char buf[BLOCK];

	for (int i = 0; i < TIMES; i++)
		check_int(node_co_pread(node, 0, buf, BLOCK, 0), 0);
	done++;
}

static bool all_done(void *opaque)
{
	return done == DEPTH;
}

int main(void)
{
	int fd;

	test_begin();
	node = open_disk("driver=ram,size=4M,needs-mem-regions=true,"
			 "mem-region-alignment=4096,max-mem-regions=1");
	check_int(pool()->mem.len, 0);
	read_once(1, 1, 4096 + SPARE);
	read_once(SPARE, 1, 4096 + SPARE);
	read_once(SPARE + 4097, 2, SPARE + 8192 + SPARE);
	read_once(512, 2, SPARE + 8192 + SPARE);
	close_disk(node);

	/* in whole regions */
	pools = 0;
	node = open_disk("driver=ram,size=4M,needs-mem-regions=true,"
			 "mem-region-alignment=65536");
	read_once(1, 1, 3 * 65536);
	check_int((uintptr_t)pool()->mem.addr % 65536, 0);
	/* the old one is freed before: its fd is the lowest free one */
	fd = pool()->mem.fd;
	read_once(3 * 65536 + 1, 2, 6 * 65536);
	check_int(pool()->mem.fd, fd);
	close_disk(node);

	/* all in flight after the second one at the latest */
	pools = 0;
	node = open_disk("driver=ram,size=4M,needs-mem-regions=true,"
			 "latency-us=100,max-mem-regions=1");
	for (int i = 0; i < DEPTH; i++)
		check_int(co_start(co_read_on, NULL), 0);
	loop_run_until(test_loop, all_done, NULL);
	check_int(pools, 2);
	check_int(pool()->mem.len, DEPTH * BLOCK + SPARE);
	close_disk(node);
	test_end();
	return 0;
}
