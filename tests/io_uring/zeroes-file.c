/* SPDX-License-Identifier: MIT */
/*
 * Write zeroes on a file, each combination of flags: what reads back, what
 * is allocated, what grows.
 */
#include "tests/io_uring/iou_test.h"

#define FILE_BYTES (256 * KIB)
#define LEN (64 * KIB)

static uint32_t status_of(struct blkioq *q, uint64_t start)
{
	struct blkio_extent e;

	check_int(do_block_status(q, start, 4096, &e, 1), 1);
	check_int(e.len, 4096);
	return e.flags;
}

int main(void)
{
	const char *path = temp_file(0);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(FILE_BYTES);

	for (uint32_t flags = 0; flags < 8; flags++) {
		bool keep = flags & BLKIO_REQ_NO_UNMAP;

		fill_pattern(buf, 0, FILE_BYTES);
		check_int(do_write(q, 0, buf, FILE_BYTES, BLKIO_REQ_FUA), 0);
		check_int(allocated(path) >= FILE_BYTES, 1);
		check_int(do_write_zeroes(q, LEN, LEN, flags), 0);
		check_int(do_read(q, 0, buf, FILE_BYTES), 0);
		check(has_pattern(buf, 0, LEN));
		check(all_zero(buf + LEN, LEN));
		check(has_pattern(buf + 2 * LEN, 2 * LEN, FILE_BYTES - 2 * LEN));
		check_int(allocated(path) >= FILE_BYTES, keep);
		if (!keep) /* else it depends on what the kernel has cached */
			check_int(status_of(q, LEN),
				  BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE);
		check_int(status_of(q, 0), 0);

		/* to odd places, and beyond the end */
		check_int(do_write_zeroes(q, 1, 9999, flags), 0);
		check_int(do_write_zeroes(q, FILE_BYTES - 10, 4096, flags), 0);
		check_int(capacity_of(b), keep ? FILE_BYTES + 4086 : FILE_BYTES);
		check_ok(blkio_resize(b, FILE_BYTES));
	}
	check_int(do_write_zeroes(q, 0, 0, 0), -EINVAL);
	check_int(do_write_zeroes(q, UINT64_C(1) << 63, 4096, 0), -EINVAL);
	check_int(do_write_zeroes(q, 0, UINT64_C(1) << 60, 0), -EFBIG);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
