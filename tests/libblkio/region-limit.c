/* SPDX-License-Identifier: MIT */
/* No more regions can be mapped than max-mem-regions; unmapping one makes
 * room. Many regions, mapped in any order, are all found again. */
#include "tests/libblkio/blkio_test.h"

#define NR 100

static char memory[NR + 1][64];

static struct blkio_mem_region region(int i)
{
	return (struct blkio_mem_region){
		.addr = memory[i],
		.len = sizeof(memory[i]),
		.fd = -1,
	};
}

int main(void)
{
	struct blkio *b = test_start("null", "max-mem-regions=100");
	struct blkio_mem_region r;

	for (int i = 0; i < NR; i++) {
		r = region(i * 37 % NR);
		check_ok(blkio_map_mem_region(b, &r));
	}
	r = region(NR);
	check_fails(blkio_map_mem_region(b, &r), ENOSPC, "max-mem-regions 100");
	r = region(50);
	blkio_unmap_mem_region(b, &r);
	r = region(NR);
	check_ok(blkio_map_mem_region(b, &r));
	for (int i = 0; i < NR; i++) {
		r = region(i * 91 % NR);
		blkio_unmap_mem_region(b, &r);
	}
	for (int i = 0; i < NR - 1; i++) {
		r = region(i);
		check_ok(blkio_map_mem_region(b, &r));
	}
	check_fails(blkio_map_mem_region(b, &r), EINVAL, "already mapped");
	blkio_destroy(&b);
	return 0;
}
