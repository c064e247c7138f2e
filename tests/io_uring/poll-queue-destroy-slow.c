/* SPDX-License-Identifier: MIT */
/*
 * Requests of a poll queue that take the disk longer than anyone should wait
 * delay the instance's end for a few seconds only. Argument: a slow disk that
 * polls.
 */
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

/* takes the disk 8 s, or more when it is busy already */
#define REQUESTS 160
#define UNIT 4096
#define STRIDE (2 * UNIT) /* on the disk, lest the kernel merges requests */

int main(int argc, char **argv)
{
	char *buf = buffer((size_t)REQUESTS * UNIT);
	struct blkioq *q;
	struct blkio *b;
	int64_t began;

	check_int(argc, 2);
	b = open_disk(argv[1], "direct=true", "num-entries=256",
		      "num-poll-queues=1", NULL);
	q = blkio_get_poll_queue(b, 0);
	for (int i = 0; i < REQUESTS; i++)
		blkioq_read(q, (uint64_t)i * STRIDE, buf + i * UNIT, UNIT, NULL,
			    0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	began = clock_now_ns();
	blkio_destroy(&b);
	check(clock_now_ns() - began >= 2 * NS_PER_SEC);
	check(clock_now_ns() - began < 15 * NS_PER_SEC);
	/* not freed: the disk may still write there */
	return 0;
}
