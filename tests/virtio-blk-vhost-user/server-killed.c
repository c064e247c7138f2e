/* SPDX-License-Identifier: MIT */
/*
 * When the server is killed, every request completes, once, within a second:
 * those that were pending with -EIO, and so do all later ones.
 */
#include <poll.h>
#include <pthread.h>

#include "tests/virtio-blk-vhost-user/daemon_test.h"

#define DEPTH 300 /* more than the ring has room for */

enum way { FD, BLOCKED, POLLED };

static void submit(struct disk *d, int i)
{
	char *buf = (char *)d->r.addr + i % 256 * BLOCK;
	void *user_data = (void *)(intptr_t)i;

	if (i % 7 == 0)
		blkioq_write(d->q, i % 256 * BLOCK, buf, BLOCK, user_data,
			     BLKIO_REQ_FUA);
	else if (i % 5 == 0)
		blkioq_write_zeroes(d->q, 0, DISK_BYTES, user_data, 0);
	else
		blkioq_read(d->q, i % 256 * BLOCK, buf, BLOCK, user_data, 0);
}

/* All of DEPTH, each once, within a second, with -EIO. */
static void check_all_fail(struct disk *d)
{
	static struct blkio_completion c[DEPTH];
	struct timespec timeout = {.tv_sec = 1};
	bool seen[DEPTH] = {false};

	check_ok(blkioq_do_io(d->q, c, DEPTH, DEPTH, &timeout));
	for (int i = 0; i < DEPTH; i++) {
		check_int(c[i].ret, -EIO);
		check(!seen[(intptr_t)c[i].user_data]);
		seen[(intptr_t)c[i].user_data] = true;
	}
}

static void check_later(struct disk *d)
{
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;
	struct blkio_status status = {.connection = BLKIO_CONNECTION_UP};
	uint64_t capacity;

	submit(d, 1);
	check_int(test_result(d->q), -EIO);
	blkioq_flush(d->q, NULL, 0);
	check_int(test_result(d->q), -EIO);
	check_int(blkio_get_uint64(d->b, "capacity", &capacity), -EIO);
	while (status.connection != BLKIO_CONNECTION_LOST) {
		check(clock_now_ns() < end_ns);
		check_int(blkio_get_status(d->b, &status), -EIO);
	}
}

static void *kill_soon(void *arg)
{
	const struct timespec soon = {.tv_nsec = 50 * NS_PER_MS};

	nanosleep(&soon, NULL);
	disk_kill(arg);
	return NULL;
}

/* None can complete before: the server is stopped. */
static void check_pending(enum way way)
{
	struct disk d = {.props = NULL};
	struct pollfd pfd = {.events = POLLIN};
	pthread_t killer;

	disk_start(&d, way == POLLED);
	storage_daemon_stop(d.server);
	if (way == FD)
		blkioq_set_completion_fd_enabled(d.q, true);
	for (int i = 0; i < DEPTH; i++)
		submit(&d, i);
	check_ok(blkioq_do_io(d.q, NULL, 0, 0, NULL));
	if (way == FD) {
		pfd.fd = blkioq_get_completion_fd(d.q);
		disk_kill(&d);
		check_int(poll(&pfd, 1, 1000), 1);
		check_all_fail(&d);
	} else {
		check_int(pthread_create(&killer, NULL, kill_soon, &d), 0);
		check_all_fail(&d);
		check_int(pthread_join(killer, NULL), 0);
	}
	check_later(&d);
	disk_end(&d);
}

/* Under load: some succeed, and none is lost. */
static void check_load(bool poll)
{
	struct blkio_completion c[64];
	int submitted = 0, completed = 0, failed = 0, n;
	bool killed = false;
	struct disk d = {.props = NULL};

	disk_start(&d, poll);
	while (failed == 0 || completed < submitted) {
		struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};

		while (failed == 0 && submitted - completed < 64)
			submit(&d, submitted++);
		if (!killed && completed > 0) {
			disk_kill(&d);
			killed = true;
		}
		n = blkioq_do_io(d.q, c, 1, 64, &timeout);
		check_ok(n);
		for (int i = 0; i < n; i++) {
			check(c[i].ret == 0 || c[i].ret == -EIO);
			failed += c[i].ret < 0;
		}
		completed += n;
	}
	check_int(blkioq_do_io(d.q, c, 0, 64, NULL), 0);
	check(failed < submitted);
	check_later(&d);
	disk_end(&d);
}

int main(void)
{
	check_pending(FD);
	check_pending(BLOCKED);
	check_pending(POLLED);
	check_load(false);
	check_load(true);
	return 0;
}
