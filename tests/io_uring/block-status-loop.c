/* SPDX-License-Identifier: MIT */
/*
 * A block device is all data to block status.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	struct blkio *b = open_disk(temp_loop(MIB, NULL), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_extent e[4];

	check_int(do_block_status(q, 4096, MIB - 4096, e, 4), 1);
	check_int(e[0].len, MIB - 4096);
	check_int(e[0].flags, 0);
	check_int(do_block_status(q, 4096, MIB, e, 4), -EINVAL);
	blkio_destroy(&b);
	return 0;
}
