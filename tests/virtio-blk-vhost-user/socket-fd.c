/* SPDX-License-Identifier: MIT */
/*
 * socket-fd is taken by a connect that succeeds, and only by that; path and
 * socket-fd exclude each other; what is no connected unix socket is refused;
 * "fd" stays unknown.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/virtio-blk-vhost-user/fake_server.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void check_taken(void)
{
	struct fake f;
	int fd, value;

	fake_init(&f);
	fake_create(&f);
	fd = f.client;
	check_fails(blkio_set_int(f.b, "fd", fd), ENOENT, "fd property");
	check_ok(blkio_connect(f.b));
	f.client = -1;
	check_ok(blkio_get_int(f.b, "socket-fd", &value));
	check_int(value, fd);
	check_fails(blkio_set_int(f.b, "socket-fd", 5), EBUSY, "connected");
	check(is_open(fd));
	fake_end(&f);
	check(!is_open(fd));
}

static void check_left(void)
{
	struct fake f;

	fake_init(&f);
	f.config.blk_size = 1;
	fake_create(&f);
	check_fails(blkio_connect(f.b), EIO, "block size");
	blkio_destroy(&f.b);
	check(is_open(f.client));
	fake_end(&f);
}

static void check_excluded(void)
{
	struct fake f;

	fake_init(&f);
	fake_create(&f);
	check_ok(blkio_set_str(f.b, "path", "/nowhere"));
	check_fails(blkio_connect(f.b), EINVAL, "/nowhere");
	check_ok(blkio_set_int(f.b, "socket-fd", -1));
	check_fails(blkio_connect(f.b), ENOENT, "/nowhere");
	check_ok(blkio_set_str(f.b, "path", ""));
	check_fails(blkio_connect(f.b), EINVAL, "One of path");
	check_ok(blkio_set_int(f.b, "socket-fd", f.client));
	check_ok(blkio_connect(f.b));
	f.client = -1;
	fake_end(&f);
}

static void check_wrong(int fd, int errnum)
{
	struct blkio *b = test_create("virtio-blk-vhost-user", "");
	bool was_open = is_open(fd);

	check_ok(blkio_set_int(b, "socket-fd", fd));
	check_fails(blkio_connect(b), errnum, "descriptor");
	blkio_destroy(&b);
	check_int(is_open(fd), was_open);
	if (was_open)
		close(fd);
}

int main(void)
{
	check_taken();
	check_left();
	check_excluded();
	check_wrong(1000, EBADF);
	check_wrong(-2, EBADF);
	check_wrong(open("/dev/null", O_RDWR | O_CLOEXEC), ENOTSOCK);
	check_wrong(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), EINVAL);
	check_wrong(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), EINVAL);
	check_wrong(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), EINVAL);
	return 0;
}
