/* SPDX-License-Identifier: MIT */
/* With a latency the completion fd fires when the next request is due: for
 * each of several, when enabled late, and not for one who fetched already. */
#include "tests/libblkio/blkio_test.h"

static struct blkio *b;
static struct blkioq *q;
static int fd;
static struct blkio_completion c[8];

static void start(const char *props)
{
	b = test_start("null", props);
	q = blkio_get_queue(b, 0);
	fd = blkioq_get_completion_fd(q);
}

static void submit(void)
{
	blkioq_flush(q, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
}

/* Wait for the fd, then fetch; it may be a little early, so retry. */
static void fetch_by_fd(int n)
{
	while (n > 0) {
		int got;

		check(test_readable(fd, TEST_TIMEOUT_S * 1000));
		check(test_consume(fd));
		got = blkioq_do_io(q, c, 0, n, NULL);
		check(got >= 0);
		n -= got;
	}
}

int main(void)
{
	int64_t began_ns;

	/* two that are due one after the other */
	start("latency-us=20000");
	blkioq_set_completion_fd_enabled(q, true);
	began_ns = clock_now_ns();
	submit();
	submit();
	check(test_readable(fd, TEST_TIMEOUT_S * 1000));
	check(clock_now_ns() - began_ns >= 20 * NS_PER_MS);
	fetch_by_fd(2);

	/* enabled while in flight */
	blkioq_set_completion_fd_enabled(q, false);
	submit();
	check(!test_readable(fd, 0));
	blkioq_set_completion_fd_enabled(q, true);
	fetch_by_fd(1);

	/* a refused request is told at once, in spite of one in flight */
	submit();
	blkioq_flush(q, NULL, 1);
	check(test_readable(fd, 0));
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check(test_readable(fd, 1000));
	check(test_consume(fd));
	check_int(blkioq_do_io(q, c, 0, 8, NULL), 1);
	check_int(c[0].ret, -EINVAL);
	fetch_by_fd(1);
	blkio_destroy(&b);
	return 0;
}
