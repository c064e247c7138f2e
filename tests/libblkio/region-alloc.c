/* SPDX-License-Identifier: MIT */
/* Allocated memory: shared, zeroed, of the length asked for, closed on exec,
 * gone when freed or with the instance. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tests/libblkio/blkio_test.h"

static void check_region(struct blkio_mem_region *r, size_t len)
{
	char *again;

	check(r->addr);
	check_int(r->len, len);
	check_int(r->iova, 0);
	check_int(r->fd_offset, 0);
	check_int(r->flags, 0);
	check_int(fcntl(r->fd, F_GETFD), FD_CLOEXEC);
	check_int((uintptr_t)r->addr % sysconf(_SC_PAGESIZE), 0);
	for (size_t i = 0; i < len; i++)
		check(((char *)r->addr)[i] == 0);

	/* the fd is the memory, for another process as well */
	again = mmap(NULL, len, PROT_READ, MAP_SHARED, r->fd, 0);
	check(again != MAP_FAILED);
	memset(r->addr, 0x5a, len);
	check_int(memcmp(again, r->addr, len), 0);
	munmap(again, len);
}

int main(void)
{
	int nr_fds = test_nr_open_fds();
	struct blkio *b = test_connect("null", "mem-region-alignment=512");
	struct blkio_mem_region r[10];

	check_fails(blkio_alloc_mem_region(b, r, 1000), EINVAL,
		    "len 1000 violates mem-region-alignment 512");
	check_fails(blkio_alloc_mem_region(b, r, 0), EINVAL, "must not be 0");
	check_fails(blkio_alloc_mem_region(b, r, SIZE_MAX / 512 * 512), ENOMEM,
		    "Out of memory");
	check_int(test_nr_open_fds(), nr_fds);

	for (int i = 0; i < 10; i++) {
		check_ok(blkio_alloc_mem_region(b, &r[i], 512 * (i + 1)));
		check_region(&r[i], 512 * (i + 1));
	}
	check_int(test_nr_open_fds(), nr_fds + 10);
	for (int i = 0; i < 5; i++)
		blkio_free_mem_region(b, &r[i]);
	check_int(test_nr_open_fds(), nr_fds + 5);
	blkio_destroy(&b);
	check_int(test_nr_open_fds(), nr_fds);

	/* more than a page's alignment; what is around stays free */
	b = test_start("null", "mem-region-alignment=2097152");
	for (int i = 0; i < 10; i++) {
		check_ok(blkio_alloc_mem_region(b, &r[i], (size_t)2 << 20));
		check_int((uintptr_t)r[i].addr % (2 << 20), 0);
		check_region(&r[i], (size_t)2 << 20);
		check_ok(blkio_map_mem_region(b, &r[i]));
	}
	blkio_destroy(&b);
	check_int(test_nr_open_fds(), nr_fds);
	return 0;
}
