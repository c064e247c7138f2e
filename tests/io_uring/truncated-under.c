/* SPDX-License-Identifier: MIT */
/*
 * A file cut short by someone else reads as zeroes beyond its new end, which
 * is a hole to block status; the capacity goes with it.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	const char *path = temp_file(MIB);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(MIB);
	struct blkio_extent e[2];

	fill_pattern(buf, 0, MIB);
	check_int(do_write(q, 0, buf, MIB, 0), 0);
	check_int(truncate(path, 5000), 0);
	check_int(capacity_of(b), 5000);
	memset(buf, 0xee, MIB);
	check_int(do_read(q, 0, buf, MIB), 0);
	check(has_pattern(buf, 0, 5000));
	check(all_zero(buf + 5000, MIB - 5000));
	check_int(do_block_status(q, 0, MIB, e, 2), 2);
	check_int(e[0].flags, 0);
	check_int(e[1].flags, BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE);
	check_int(e[0].len + e[1].len, MIB);
	check_int(do_discard(q, 0, MIB), 0);
	check_int(do_flush(q), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
