/* SPDX-License-Identifier: MIT */
/*
 * A block device has an end: reads across it fail with EIO, writes with
 * ENOSPC, and it can't be resized.
 */
#include "tests/io_uring/iou_test.h"

#define DISK_BYTES MIB

int main(void)
{
	struct blkio *b = open_disk(temp_loop(DISK_BYTES, NULL), NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(8192);
	struct iovec iov[2] = { { buf, 4096 }, { buf + 4096, 4096 } };

	check_int(capacity_of(b), DISK_BYTES);
	check_int(do_read(q, DISK_BYTES - 4096, buf, 4096), 0);
	check_int(do_read(q, DISK_BYTES - 4096, buf, 8192), -EIO);
	blkioq_readv(q, DISK_BYTES - 4096, iov, 2, NULL, 0);
	check_int(next_ret(q), -EIO);
	check_int(do_read(q, DISK_BYTES, buf, 4096), -EIO);
	check_int(do_write(q, DISK_BYTES, buf, 4096, 0), -ENOSPC);
	check_int(do_write(q, DISK_BYTES - 4096, buf, 8192, 0), -ENOSPC);
	check_int(do_write(q, DISK_BYTES - 4096, buf, 4096, 0), 0);
	check_int(blkio_resize(b, 2 * DISK_BYTES), -ENOTSUP);
	check_int(capacity_of(b), DISK_BYTES);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
