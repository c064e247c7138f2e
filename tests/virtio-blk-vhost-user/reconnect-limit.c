/* SPDX-License-Identifier: MIT */
/*
 * When reconnect-limit-ms pass without a server, or with one that is silent,
 * all that is pending fails with -EIO, not earlier; the completion fd becomes
 * readable, and later requests fail at once.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/daemon_test.h"

#define LIMIT_MS 200
#define DEPTH 300 /* more than the ring has room for */

enum way { FD, BLOCKED, POLLED };

/* A backlog that nobody takes anything from */
static int listen_silently(const struct disk *d)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	disk_unlink(d, "socket");
	check(snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket",
		       d->dir) < (int)sizeof(addr.sun_path));
	check_int(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	check_int(listen(fd, 1), 0);
	return fd;
}

static void submit(struct disk *d, int i)
{
	if (i % 3 == 0)
		blkioq_write(d->q, 0, d->r.addr, BLOCK, NULL, BLKIO_REQ_FUA);
	else
		blkioq_read(d->q, 0, d->r.addr, BLOCK, NULL, 0);
}

static void take_all(struct disk *d, enum way way)
{
	struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};
	struct blkio_completion c[DEPTH];
	int fd = blkioq_get_completion_fd(d->q), left = DEPTH, n;
	uint64_t ignored;

	while (left > 0) {
		if (way == FD) {
			check(test_readable(fd, TEST_TIMEOUT_S * 1000));
			check_int(read(fd, &ignored, 8), 8);
		}
		n = blkioq_do_io(d->q, c, way == FD ? 0 : left, DEPTH,
				 way == FD ? NULL : &timeout);
		check_ok(n);
		for (int i = 0; i < n; i++)
			check_int(c[i].ret, -EIO);
		left -= n;
	}
}

static void check_limit(enum way way, bool silent)
{
	struct disk d = {.props = "reconnect-ms=10 reconnect-limit-ms=200"};
	struct blkio_completion c[1];
	int64_t began_ns;
	int fd = -1;

	disk_start(&d, way == POLLED);
	storage_daemon_stop(d.server);
	if (way == FD)
		blkioq_set_completion_fd_enabled(d.q, true);
	for (int i = 0; i < DEPTH; i++)
		submit(&d, i);
	check_int(blkioq_do_io(d.q, c, 0, 1, NULL), 0);
	if (silent)
		fd = listen_silently(&d);
	began_ns = clock_now_ns();
	disk_kill(&d);
	take_all(&d, way);
	check(clock_now_ns() - began_ns >= LIMIT_MS * NS_PER_MS);
	await_connection(d.b, BLKIO_CONNECTION_LOST);
	submit(&d, 0);
	check_int(blkioq_do_io(d.q, c, 0, 1, NULL), 1);
	check_int(c[0].ret, -EIO);
	if (fd >= 0)
		close(fd);
	disk_end(&d);
}

int main(void)
{
	check_limit(FD, false);
	check_limit(BLOCKED, false);
	check_limit(POLLED, false);
	check_limit(FD, true);
	return 0;
}
