/* SPDX-License-Identifier: MIT */
/*
 * An fd belongs to the library only after a successful connect: until then
 * it stays open, and the caller's.
 */
#include "tests/io_uring/iou_test.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

int main(void)
{
	const char *path = temp_file(MIB);
	int wrong = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct blkio *b;
	int shown;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_int(b, "fd", wrong));
	check_int(blkio_connect(b), -EINVAL);
	check(is_open(wrong));
	check_ok(blkio_get_int(b, "fd", &shown));
	check_int(shown, wrong);

	check_ok(blkio_set_int(b, "fd", 1000));
	check_int(blkio_connect(b), -EBADF);

	check_ok(blkio_set_int(b, "fd", fd));
	check_ok(blkio_set_str(b, "path", path));
	check_int(blkio_connect(b), -EINVAL);
	check_str(blkio_get_error_msg(),
		  "path and fd cannot be set at the same time");
	check(is_open(fd));
	check_ok(blkio_set_str(b, "path", ""));

	/* not connected: not closed either */
	blkio_destroy(&b);
	check(is_open(fd));
	check(is_open(wrong));

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_int(b, "fd", fd));
	check_ok(blkio_connect(b));
	check_ok(blkio_get_int(b, "fd", &shown));
	check_int(shown, fd);
	check_ok(blkio_start(b));
	blkio_destroy(&b);
	check(!is_open(fd));
	close(wrong);
	return 0;
}
