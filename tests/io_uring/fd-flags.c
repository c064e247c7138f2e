/* SPDX-License-Identifier: MIT */
/*
 * An adopted fd decides itself what read-only and direct are, O_NONBLOCK on
 * it does no harm, and the fd of a path shows in the fd property.
 */
#include "tests/io_uring/iou_test.h"

static void check_fd(const char *path, int flags, bool read_only, bool direct)
{
	int fd = open(path, flags | O_CLOEXEC);
	char *buf = buffer(4096);
	struct blkio *b;
	bool flag;

	check(fd >= 0);
	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_int(b, "fd", fd));
	check_ok(blkio_set_bool(b, "read-only", !read_only));
	check_ok(blkio_set_bool(b, "direct", !direct));
	check_ok(blkio_connect(b));
	check_ok(blkio_get_bool(b, "read-only", &flag));
	check_int(flag, read_only);
	check_ok(blkio_get_bool(b, "direct", &flag));
	check_int(flag, direct);
	check_ok(blkio_start(b));
	check_int(do_read(queue_of(b), 0, buf, 4096),
		  (flags & O_ACCMODE) == O_WRONLY ? -EBADF : 0);
	check_int(do_write(queue_of(b), 0, buf, 4096, 0),
		  read_only ? -EBADF : 0);
	blkio_destroy(&b);
	free(buf);
}

int main(void)
{
	const char *path = temp_file(MIB);
	struct blkio *b;
	int fd;

	check_fd(path, O_RDWR, false, false);
	check_fd(path, O_RDONLY, true, false);
	check_fd(path, O_WRONLY, false, false);
	check_fd(path, O_RDWR | O_DIRECT, false, true);
	check_fd(path, O_RDONLY | O_DIRECT, true, true);
	check_fd(path, O_RDWR | O_NONBLOCK, false, false);

	b = open_disk(path, NULL);
	check_ok(blkio_get_int(b, "fd", &fd));
	check_int(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	blkio_destroy(&b);
	check_int(fcntl(fd, F_GETFD), -1);
	return 0;
}
