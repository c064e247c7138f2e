/* SPDX-License-Identifier: MIT */
/*
 * Block status leaves the offset of an adopted fd alone: others may be
 * reading from it.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	int fd = open(temp_file(MIB), O_RDWR | O_CLOEXEC);
	int copy = dup(fd);
	struct blkio_extent e[4];
	struct blkio *b;

	check_int(lseek(copy, 1234, SEEK_SET), 1234);
	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_int(b, "fd", fd));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	check_int(capacity_of(b), MIB);
	check_int(do_block_status(queue_of(b), 0, MIB, e, 4), 1);
	check_int(lseek(copy, 0, SEEK_CUR), 1234);
	blkio_destroy(&b);
	close(copy);
	return 0;
}
