/* SPDX-License-Identifier: MIT */
/*
 * A read-only disk reads and flushes; what would change it fails with EBADF,
 * a resize with EACCES. Argument: file|loop.
 */
#include "tests/io_uring/iou_test.h"

int main(int argc, char **argv)
{
	const char *path = temp_disk(argc, argv, MIB);
	struct blkio *b = open_disk(path, "read-only=true", NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(4096);
	struct blkio_extent e;
	int ret;

	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(do_write(q, 0, buf, 4096, 0), -EBADF);
	check_int(do_write(q, 0, buf, 0, 0), -EBADF);
	check_int(do_write_zeroes(q, 0, 4096, 0), -EBADF);
	check_int(do_discard(q, 0, 4096), -EBADF);
	check_int(do_flush(q), 0);
	check_int(do_block_status(q, 0, MIB, &e, 1), 1);
	ret = blkio_resize(b, 4096);
	check(ret == -EACCES || ret == -ENOTSUP);
	check_int(capacity_of(b), MIB);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
