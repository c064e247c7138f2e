/* SPDX-License-Identifier: MIT */
/* A wait ends with the timeout: -ETIME, and the timespec holds what is left.
 * What completed is kept for the next call and the completion fd signals. */
#include "tests/libblkio/blkio_test.h"

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * NS_PER_SEC + t->tv_nsec;
}

static void check_expires(struct blkioq *q, int64_t timeout_ns)
{
	struct timespec left = {0, timeout_ns};
	int64_t began_ns = clock_now_ns();
	struct blkio_completion c;

	check_fails(blkioq_do_io(q, &c, 1, 1, &left), ETIME, "Timed out");
	check(clock_now_ns() - began_ns >= timeout_ns);
	check_int(ns(&left), 0);
}

/* The wait succeeds and the timespec is what it was less the time it took. */
static void check_remainder(struct blkioq *q, time_t seconds)
{
	const struct timespec given = {seconds, 999999999};
	struct timespec left = given;
	int64_t began_ns = clock_now_ns(), took_ns, missing_ns;
	struct blkio_completion c;

	blkioq_flush(q, NULL, 0);
	check_int(blkioq_do_io(q, &c, 1, 1, &left), 1);
	took_ns = clock_now_ns() - began_ns;
	missing_ns = (given.tv_sec - left.tv_sec) * NS_PER_SEC + given.tv_nsec -
		     left.tv_nsec;
	check(left.tv_nsec >= 0 && left.tv_nsec < NS_PER_SEC);
	check(missing_ns > 0);
	check(missing_ns <= took_ns);
}

/* Nothing to wait for: the timespec is left alone. */
static void check_untouched(struct blkioq *q)
{
	struct timespec left = {1, 5};
	struct blkio_completion c;

	blkioq_flush(q, NULL, 1);
	check_int(blkioq_do_io(q, &c, 1, 1, &left), 1);
	check_int(left.tv_sec, 1);
	check_int(left.tv_nsec, 5);
}

/* Of two requests one is refused: it is kept, and told by the fd. */
static void check_kept(struct blkioq *q)
{
	int fd = blkioq_get_completion_fd(q);
	struct timespec left = {0, 1000};
	struct blkio_completion c[2];

	blkioq_flush(q, NULL, 1);
	check(fd < 0 || test_consume(fd));
	blkioq_flush(q, NULL, 0);
	check_fails(blkioq_do_io(q, c, 2, 2, &left), ETIME, "Timed out");
	check(fd < 0 || test_readable(fd, 0));
	check_int(blkioq_do_io(q, c, 0, 2, NULL), 1);
	check_int(c[0].ret, -EINVAL);
}

static void check_queue(struct blkioq *slow, struct blkioq *fast)
{
	blkioq_flush(slow, NULL, 0);
	check_expires(slow, 0);
	check_expires(slow, 1);
	check_expires(slow, 2000000);
	check_kept(slow);

	check_untouched(fast);
	check_remainder(fast, 20);
	check_remainder(fast, LONG_MAX);
	check_remainder(fast, LONG_MAX / NS_PER_SEC);
}

int main(void)
{
	struct blkio *slow = test_start("null", "latency-us=3600000000");
	struct blkio *fast = test_start("null", "latency-us=1000");

	check_queue(blkio_get_queue(slow, 0), blkio_get_queue(fast, 0));
	check_int(blkio_add_poll_queue(slow), 0);
	check_int(blkio_add_poll_queue(fast), 0);
	check_queue(blkio_get_poll_queue(slow, 0),
		    blkio_get_poll_queue(fast, 0));
	blkio_destroy(&slow);
	blkio_destroy(&fast);
	return 0;
}
