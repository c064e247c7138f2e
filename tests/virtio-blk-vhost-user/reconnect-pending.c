/* SPDX-License-Identifier: MIT */
/*
 * What is pending when the server is killed waits for the next one, and so
 * does what is submitted while there is none; then all of it succeeds. Status
 * and event fd tell of either change, and the size is still known.
 */
#include "tests/virtio-blk-vhost-user/daemon_test.h"

#include <poll.h>

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

static void await_connection(struct disk *d, int event_fd,
			     enum blkio_connection wanted)
{
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;
	struct pollfd pfd = {.fd = event_fd, .events = POLLIN};
	struct blkio_status status;
	uint64_t ignored;

	do {
		check_int(poll(&pfd, 1, TEST_TIMEOUT_S * 1000), 1);
		check_int(read(event_fd, &ignored, 8), 8);
		check_ok(blkio_get_status(d->b, &status));
		check(clock_now_ns() < end_ns);
		check_int(status.capacity, DISK_BYTES);
	} while (status.connection != wanted);
}

/* Each once; which may take until there is a server, so with a time-out. */
static void take_all(struct disk *d, enum way way, bool *seen)
{
	struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};
	struct pollfd pfd = {.events = POLLIN};
	struct blkio_completion c[DEPTH];
	uint64_t ignored;
	int n, left = DEPTH;

	pfd.fd = blkioq_get_completion_fd(d->q);
	while (left > 0) {
		if (way == FD) {
			check_int(poll(&pfd, 1, TEST_TIMEOUT_S * 1000), 1);
			check_int(read(pfd.fd, &ignored, 8), 8);
		}
		n = blkioq_do_io(d->q, c, way == FD ? 0 : left, DEPTH,
				 way == FD ? NULL : &timeout);
		check_ok(n);
		for (int i = 0; i < n; i++) {
			check_int(c[i].ret, 0);
			check(!seen[(intptr_t)c[i].user_data]);
			seen[(intptr_t)c[i].user_data] = true;
		}
		left -= n;
	}
}

/* The server is stopped, so that all of the first half is pending. */
static void check_pending(enum way way)
{
	struct disk d = {.props = "reconnect-ms=1"};
	struct timespec at_once = {.tv_nsec = 1};
	struct blkio_completion c[1];
	bool seen[DEPTH] = {false};
	int event_fd;

	disk_start(&d, way == POLLED);
	check_ok(event_fd = blkio_get_event_fd(d.b));
	storage_daemon_stop(d.server);
	if (way == FD)
		blkioq_set_completion_fd_enabled(d.q, true);
	for (int i = 0; i < DEPTH / 2; i++)
		submit(&d, i);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	disk_kill(&d);
	await_connection(&d, event_fd, BLKIO_CONNECTION_RECONNECTING);
	check_int(blkioq_do_io(d.q, c, 1, 1, &at_once), -ETIME);
	for (int i = DEPTH / 2; i < DEPTH; i++)
		submit(&d, i);
	check_int(blkioq_do_io(d.q, c, 0, 1, NULL), 0);
	disk_serve_again(&d);
	take_all(&d, way, seen);
	check_int(blkioq_do_io(d.q, c, 0, 1, NULL), 0);
	await_connection(&d, event_fd, BLKIO_CONNECTION_UP);
	disk_end(&d);
}

int main(void)
{
	check_pending(FD);
	check_pending(BLOCKED);
	check_pending(POLLED);
	return 0;
}
