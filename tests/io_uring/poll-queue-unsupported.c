/* SPDX-License-Identifier: MIT */
/*
 * A poll queue reads and writes; all else is refused with text, and reaches
 * the disk in no way. Argument: a disk that polls, or a file on one.
 */
#include "tests/io_uring/iou_test.h"

#define UNIT 4096

static void check_refused(struct blkioq *q)
{
	struct blkio_completion c = next_completion(q);

	check_int(c.ret, -ENOTSUP);
	check(c.error_msg != NULL);
	check_str(c.error_msg,
		  "request not supported on poll queues for this driver");
}

int main(int argc, char **argv)
{
	struct blkio_extent extent;
	char *buf = buffer(UNIT);
	struct blkioq *q;
	struct blkio *b;

	check_int(argc, 2);
	b = open_disk(argv[1], "direct=true", "num-poll-queues=1", NULL);
	q = blkio_get_poll_queue(b, 0);
	fill_pattern(buf, 0, UNIT);
	check_int(do_write(q, 0, buf, UNIT, 0), 0);

	blkioq_write_zeroes(q, 0, UNIT, NULL, 0);
	check_refused(q);
	blkioq_write_zeroes(q, 0, UNIT, NULL, BLKIO_REQ_NO_FALLBACK);
	check_refused(q);
	blkioq_discard(q, 0, UNIT, NULL, 0);
	check_refused(q);
	blkioq_flush(q, NULL, 0);
	check_refused(q);
	blkioq_block_status(q, 0, UNIT, &extent, 1, NULL, 0);
	check_refused(q);

	memset(buf, 0, UNIT);
	check_int(do_read(q, 0, buf, UNIT), 0);
	check(has_pattern(buf, 0, UNIT));
	blkio_destroy(&b);
	free(buf);
	return 0;
}
