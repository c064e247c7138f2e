/* SPDX-License-Identifier: MIT */
/* What must not be done with memory regions: told as an error, or harmless.
 * (In the library that this one stands in for, some of it aborts.) */
#include "tests/libblkio/blkio_test.h"

static struct blkio *b;
static char memory[8 * 4096] __attribute__((aligned(4096)));

static struct blkio_mem_region piece(size_t offset, size_t len)
{
	return (struct blkio_mem_region){
		.addr = memory + offset,
		.len = len,
		.fd = -1,
	};
}

static void refused(struct blkio_mem_region r, const char *part)
{
	check_fails(blkio_map_mem_region(b, &r), EINVAL, part);
}

static void check_shapes(void)
{
	struct blkio_mem_region r = piece(0, 4096);

	refused(piece(512, 4096), "violates mem-region-alignment 4096");
	refused(piece(0, 100), "violates mem-region-alignment 4096");
	refused(piece(0, 0), "is not a memory region");
	r.addr = (void *)-(uintptr_t)4096;
	r.len = 8192;
	refused(r, "is not a memory region");
	r = piece(0, 4096);
	r.iova = 1;
	refused(r, "reserved");
	r = piece(0, 4096);
	r.flags = 1;
	refused(r, "reserved");
}

static void check_overlaps(void)
{
	struct blkio_mem_region low = piece(0, 8192);
	struct blkio_mem_region high = piece(16384, 8192);
	struct blkio_mem_region between = piece(8192, 8192);

	check_ok(blkio_map_mem_region(b, &high));
	check_ok(blkio_map_mem_region(b, &low));
	refused(low, "memory region already mapped");
	refused(piece(4096, 8192), "memory region already mapped");
	refused(piece(12288, 8192), "memory region already mapped");
	refused(piece(0, sizeof(memory)), "memory region already mapped");
	refused(piece(0, 4096), "memory region already mapped");
	check_ok(blkio_map_mem_region(b, &between));
	blkio_unmap_mem_region(b, &low);
	blkio_unmap_mem_region(b, &low);
	check_ok(blkio_map_mem_region(b, &low));
	blkio_unmap_mem_region(b, &low);
	blkio_unmap_mem_region(b, &between);
	blkio_unmap_mem_region(b, &high);
}

/* A region that differs in any field is not the mapped one. */
static void check_unmap_other(void)
{
	struct blkio_mem_region r = piece(0, 4096), other;

	check_ok(blkio_map_mem_region(b, &r));
	other = piece(0, 8192);
	blkio_unmap_mem_region(b, &other);
	other = r;
	other.fd = 0;
	blkio_unmap_mem_region(b, &other);
	other = piece(4096, 4096);
	blkio_unmap_mem_region(b, &other);
	refused(r, "already mapped");
	blkio_unmap_mem_region(b, &r);
}

static void check_free(void)
{
	struct blkio_mem_region a, other, part;
	int nr_fds = test_nr_open_fds();

	check_ok(blkio_alloc_mem_region(b, &a, 8192));
	other = a;
	other.len = 4096;
	blkio_free_mem_region(b, &other); /* not what was allocated */
	other = piece(0, 4096);
	blkio_free_mem_region(b, &other); /* not ours */
	memset(a.addr, 1, a.len);

	/* mapped, one part as a region of its own: unmapped, then freed */
	part = a;
	part.len = 4096;
	check_ok(blkio_map_mem_region(b, &part));
	part.addr = (char *)a.addr + 4096;
	part.fd_offset = 4096;
	check_ok(blkio_map_mem_region(b, &part));
	blkio_free_mem_region(b, &a);
	blkio_free_mem_region(b, &a);
	blkio_unmap_mem_region(b, &part);
	check_int(test_nr_open_fds(), nr_fds);
	check_ok(blkio_alloc_mem_region(b, &a, 8192)); /* maybe where a was */
	check_ok(blkio_map_mem_region(b, &a));
	blkio_free_mem_region(b, &a);
}

int main(void)
{
	struct blkio_mem_region r = piece(0, 4096);

	b = test_start("null", "mem-region-alignment=4096");
	check_shapes();
	check_overlaps();
	check_unmap_other();
	check_free();
	blkio_destroy(&b);

	b = test_start("null", "needs-mem-region-fd=true "
			       "needs-mem-regions=true");
	refused(piece(0, 4096), "can't back a memory region");
	blkio_destroy(&b);

	/* where no region is needed, one of nothing does no harm */
	r.addr = NULL;
	b = test_start("null", "");
	check_ok(blkio_map_mem_region(b, &r));
	blkio_unmap_mem_region(b, &r);
	blkio_destroy(&b);
	b = test_start("null", "needs-mem-regions=true");
	refused(r, "is not a memory region");
	blkio_destroy(&b);
	return 0;
}
