/* SPDX-License-Identifier: MIT */
/*
 * Discard on a file gives the space back, keeps the size and reads as
 * zeroes afterwards.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	const char *path = temp_file(0);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(MIB);
	uint64_t before;

	fill_pattern(buf, 0, MIB);
	check_int(do_write(q, 0, buf, MIB, BLKIO_REQ_FUA), 0);
	before = allocated(path);
	check(before >= MIB);
	check_int(do_discard(q, 128 * KIB, 512 * KIB), 0);
	check_int(allocated(path), before - 512 * KIB);
	check_int(capacity_of(b), MIB);
	check_int(do_read(q, 0, buf, MIB), 0);
	check(has_pattern(buf, 0, 128 * KIB));
	check(all_zero(buf + 128 * KIB, 512 * KIB));
	check(has_pattern(buf + 640 * KIB, 640 * KIB, 384 * KIB));
	check_int(do_discard(q, 0, 0), -EINVAL);
	check_int(do_discard(q, 0, 4 * MIB), 0);
	check_int(capacity_of(b), MIB);
	check(allocated(path) <= 8192);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
