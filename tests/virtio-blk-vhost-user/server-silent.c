/* SPDX-License-Identifier: MIT */
/*
 * A server that says nothing: connecting times out, after connect-timeout-ms,
 * and can be tried again. One that hangs up: -EIO.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/libblkio/blkio_test.h"

#define TIMEOUT_MS 200

static int listen_at(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(fd >= 0);
	check(strlen(path) < sizeof(addr.sun_path));
	strcpy(addr.sun_path, path);
	check_int(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	check_int(listen(fd, 8), 0);
	return fd;
}

static void *hang_up(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);

	check(fd >= 0);
	close(fd);
	return NULL;
}

static void check_silent(struct blkio *b)
{
	int64_t began_ns = clock_now_ns(), took_ns;

	check_int(blkio_connect(b), -ETIMEDOUT);
	took_ns = clock_now_ns() - began_ns;
	check(took_ns >= TIMEOUT_MS * NS_PER_MS);
	check(took_ns < TEST_TIMEOUT_S * NS_PER_SEC);
}

int main(void)
{
	char dir[] = "/var/tmp/sluice-test-XXXXXX", path[64];
	pthread_t thread;
	struct blkio *b;
	int fd;

	check(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	fd = listen_at(path);
	check_ok(blkio_create("virtio-blk-vhost-user", &b));
	check_ok(blkio_set_str(b, "path", path));
	check_ok(blkio_set_int(b, "connect-timeout-ms", TIMEOUT_MS));
	check_silent(b);
	check_silent(b);
	/* those that have given up are in the backlog still */
	close(fd);
	unlink(path);
	fd = listen_at(path);
	check_int(pthread_create(&thread, NULL, hang_up, &fd), 0);
	check_int(blkio_connect(b), -EIO);
	check_int(pthread_join(thread, NULL), 0);
	close(fd);
	check_int(blkio_set_bool(b, "read-only", true), 0);
	blkio_destroy(&b);
	unlink(path);
	rmdir(dir);
	return 0;
}
