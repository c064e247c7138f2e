/* SPDX-License-Identifier: MIT */
/*
 * The completion fd is signalled from the start, not while it is disabled,
 * and again when enabled; suppressing costs no system call.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	int fd = blkioq_get_completion_fd(q);
	char *buf = buffer(4096);
	struct blkio_extent e;

	check(fd >= 0);
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	check(!readable(fd, 0));
	check_int(do_read(q, 0, buf, 4096), 0);
	check(readable(fd, 0));
	check_int(drain_fd(fd), 1);
	check(!readable(fd, 0));

	blkioq_set_completion_fd_enabled(q, false);
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(do_write_zeroes(q, 0, 4096, 0), 0);
	check_int(do_block_status(q, 0, 4096, &e, 1), 1);
	check(!readable(fd, 0));

	blkioq_set_completion_fd_enabled(q, true);
	check(!readable(fd, 0));
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(drain_fd(fd), 1);
	blkio_destroy(&b);
	check_int(fcntl(fd, F_GETFD), -1);
	free(buf);
	return 0;
}
