/* SPDX-License-Identifier: MIT */
/*
 * Write zeroes on a block device: zeroes and nothing else, the space freed
 * or kept as asked, and the kernel's limits told.
 */
#include "tests/io_uring/iou_test.h"

#define DISK_BYTES MIB
#define LEN (64 * KIB)

int main(void)
{
	const char *backing;
	const char *path = temp_loop(DISK_BYTES, &backing);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(DISK_BYTES);

	for (uint32_t flags = 0; flags < 8; flags++) {
		uint64_t before;

		fill_pattern(buf, 0, DISK_BYTES);
		check_int(do_write(q, 0, buf, DISK_BYTES, BLKIO_REQ_FUA), 0);
		before = allocated(backing);
		check(before >= DISK_BYTES);
		check_int(do_write_zeroes(q, LEN, LEN, flags), 0);
		if (flags & BLKIO_REQ_NO_UNMAP)
			check_int(allocated(backing), before);
		else
			check(allocated(backing) < before);
		check_int(do_read(q, 0, buf, DISK_BYTES), 0);
		check(has_pattern(buf, 0, LEN));
		check(all_zero(buf + LEN, LEN));
		check(has_pattern(buf + 2 * LEN, 2 * LEN, DISK_BYTES - 2 * LEN));
	}
	check_int(do_write_zeroes(q, 0, 0, 0), -EINVAL);
	check_int(do_write_zeroes(q, 1, 4096, 0), -EINVAL);
	check_int(do_write_zeroes(q, DISK_BYTES, 4096, 0), -EINVAL);
	check_int(do_write_zeroes(q, 0, UINT64_C(1) << 60, 0), 0);
	check_int(do_read(q, 0, buf, DISK_BYTES), 0);
	check(all_zero(buf, DISK_BYTES));
	blkio_destroy(&b);
	free(buf);
	return 0;
}
