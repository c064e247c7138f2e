/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel registers no buffers at all, or not these (it is too old,
 * there is no locked memory left), reads and writes go on without.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

static void check_transfer(struct blkio *b)
{
	struct blkioq *q = queue_of(b);
	struct blkio_mem_region r;

	check_ok(blkio_alloc_mem_region(b, &r, MIB));
	check_ok(blkio_map_mem_region(b, &r));
	for (int i = 0; i < 2; i++) {
		fill_pattern(r.addr, 512, 65536);
		check_int(do_write(q, 512, r.addr, 65536, 0), 0);
		memset(r.addr, 0, 65536);
		check_int(do_read(q, 512, r.addr, 65536), 0);
		check(has_pattern(r.addr, 512, 65536));
	}
	blkio_unmap_mem_region(b, &r);
	blkio_free_mem_region(b, &r);
	check_int(do_flush(q), 0);
}

static struct blkio *open_fixed(void)
{
	return open_disk(temp_file(MIB), "fixed-buffers=true", NULL);
}

int main(void)
{
	struct blkio *b;

	hook.buffer_error = -ENOMEM;
	b = open_fixed();
	check_transfer(b);
	/* what could not be had then may be had now */
	hook.buffer_error = 0;
	check_transfer(b);
	blkio_destroy(&b);

	hook.sparse_error = -EINVAL;
	b = open_fixed();
	check_transfer(b);
	blkio_destroy(&b);
	return 0;
}
