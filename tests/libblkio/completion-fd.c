/* SPDX-License-Identifier: MIT */
/* The completion fd: non-blocking, closed on exec, silent until enabled,
 * readable when completions are to be fetched, by 8 bytes a read. */
#include <fcntl.h>

#include "tests/libblkio/blkio_test.h"

static void check_fd(int fd)
{
	char buf[8];

	check(fd >= 0);
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(read(fd, buf, sizeof(buf)), -1);
	check_int(errno, EAGAIN);
}

/* Submit without fetching; true if the fd tells of it. */
static bool signals(struct blkioq *q, int timeout_ms)
{
	int fd = blkioq_get_completion_fd(q);
	bool readable;

	blkioq_flush(q, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	readable = test_readable(fd, timeout_ms);
	check_int(test_consume(fd), readable);
	check(!test_readable(fd, 0));
	check_int(test_result(q), 0);
	return readable;
}

static void check_queue(struct blkioq *q)
{
	const int long_ms = TEST_TIMEOUT_S * 1000;

	check_fd(blkioq_get_completion_fd(q));
	check(!signals(q, 10));
	blkioq_set_completion_fd_enabled(q, true);
	check(signals(q, long_ms));
	check(signals(q, long_ms));
	blkioq_set_completion_fd_enabled(q, true);
	check(signals(q, long_ms));
	blkioq_set_completion_fd_enabled(q, false);
	check(!signals(q, 10));
}

int main(void)
{
	static const char *const drivers[] = {"null", "ram"};

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		struct blkio *b = test_start(drivers[i], "size=4096");
		struct blkio *slow =
			test_start(drivers[i], "size=4096 latency-us=500");

		check_queue(blkio_get_queue(b, 0));
		check_queue(blkio_get_queue(slow, 0));
		check_int(blkio_add_poll_queue(b), 0);
		check_int(blkioq_get_completion_fd(blkio_get_poll_queue(b, 0)),
			  -1);
		blkioq_set_completion_fd_enabled(blkio_get_poll_queue(b, 0),
						 true);
		blkio_destroy(&b);
		blkio_destroy(&slow);
	}
	return 0;
}
