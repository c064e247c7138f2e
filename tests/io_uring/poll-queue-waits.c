/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a poll queue's requests ends at the deadline, looking does not
 * wait, and no completion is lost by either. Argument: a slow disk that polls.
 */
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

/* takes the disk a second */
#define REQUESTS 20
#define UNIT 4096
#define STRIDE (2 * UNIT) /* on the disk, lest the kernel merges requests */

static char *buf;

static void submit(struct blkioq *q)
{
	for (int i = 0; i < REQUESTS; i++)
		blkioq_read(q, (uint64_t)i * STRIDE, buf + i * UNIT, UNIT, NULL,
			    0);
}

static void check_rets(const struct blkio_completion *c, int n)
{
	for (int i = 0; i < n; i++)
		check_int(c[i].ret, 0);
}

static void check_deadline(struct blkioq *q, int64_t ns)
{
	struct timespec timeout = { ns / NS_PER_SEC, ns % NS_PER_SEC };
	struct blkio_completion c[REQUESTS];
	int64_t began = clock_now_ns();

	check_int(blkioq_do_io(q, c, REQUESTS, REQUESTS, &timeout), -ETIME);
	check(clock_now_ns() - began >= ns);
	check_int(timeout.tv_sec, 0);
	check_int(timeout.tv_nsec, 0);
}

/* All of them, by looking again and again, which never takes long. */
static void look_until_done(struct blkioq *q)
{
	struct blkio_completion c[REQUESTS];
	int64_t began = clock_now_ns();
	int got = 0, looks = 0;

	while (got < REQUESTS) {
		int n = blkioq_do_io(q, c, 0, REQUESTS, NULL);

		check(n >= 0 && n <= REQUESTS - got);
		check_rets(c, n);
		got += n;
		looks++;
		check(clock_now_ns() - began < 20 * NS_PER_SEC);
	}
	/* had each waited for a completion, there would be one look for each */
	check(looks > 2 * REQUESTS);
	check_int(blkioq_do_io(q, c, 0, REQUESTS, NULL), 0);
}

/* min completions with time to spare, then the rest */
static void check_in_time(struct blkioq *q)
{
	struct timespec timeout = { 20, 0 };
	struct blkio_completion c[REQUESTS];
	int n;

	submit(q);
	n = blkioq_do_io(q, c, 3, REQUESTS, &timeout);
	check(n >= 3 && n <= REQUESTS);
	check_rets(c, n);
	check(timeout.tv_sec < 20 && timeout.tv_sec > 10);
	check_int(blkioq_do_io(q, c, REQUESTS - n, REQUESTS, NULL),
		  REQUESTS - n);
	check_rets(c, REQUESTS - n);
}

int main(int argc, char **argv)
{
	struct blkioq *q;
	struct blkio *b;

	check_int(argc, 2);
	buf = buffer((size_t)REQUESTS * UNIT);
	b = open_disk(argv[1], "direct=true", "num-poll-queues=1", NULL);
	q = blkio_get_poll_queue(b, 0);
	submit(q);
	check_deadline(q, 0);
	check_deadline(q, 100 * NS_PER_MS);
	look_until_done(q);
	check_in_time(q);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
