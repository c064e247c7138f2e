/* SPDX-License-Identifier: MIT */
/* Queues keep their index; a removed one's is the next to be used. Only an
 * idle queue can be removed. */
#include "tests/libblkio/blkio_test.h"

static void check_indices(struct blkio *b)
{
	struct blkioq *second = blkio_get_queue(b, 1);

	check(second);
	check_int(blkio_add_queue(b), 2);
	check_int(blkio_add_queue(b), 3);
	check_int(blkio_add_queue(b), 4); /* more than the first table holds */
	check_int(blkio_remove_queue(b, 0), 0);
	check_fails(blkio_remove_queue(b, 0), ENOENT, "no queue with index 0");
	check(!blkio_get_queue(b, 0));
	check_int(blkio_remove_queue(b, 3), 0);
	check(blkio_get_queue(b, 1) == second);
	check_int(blkio_add_queue(b), 0);
	check_int(blkio_add_queue(b), 3);
	check_int(blkio_add_queue(b), 5);
	check(blkio_get_queue(b, 0));
	check(!blkio_get_queue(b, 6));
	check(!blkio_get_queue(b, 1000000));
}

static void check_poll_queues(struct blkio *b)
{
	check_int(blkio_add_poll_queue(b), 0);
	check_int(blkio_add_poll_queue(b), 1);
	check(blkio_get_poll_queue(b, 1));
	check(blkio_get_poll_queue(b, 1) != blkio_get_queue(b, 1));
	check_int(blkio_remove_poll_queue(b, 0), 0);
	check(!blkio_get_poll_queue(b, 0));
	check_int(blkio_add_poll_queue(b), 0);
}

static void check_busy(struct blkio *b)
{
	struct blkioq *q = blkio_get_queue(b, 1);

	blkioq_flush(q, NULL, 0);
	check_fails(blkio_remove_queue(b, 1), EBUSY, "1 requests in flight");
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check_fails(blkio_remove_queue(b, 1), EBUSY, "in flight");
	check_int(test_result(q), 0);
	check_int(blkio_remove_queue(b, 1), 0);
	check(!blkio_get_queue(b, 1));
}

int main(void)
{
	struct blkio *b = test_connect("null", "");

	check_ok(blkio_set_int(b, "num-queues", 2));
	check_ok(blkio_start(b));
	check_indices(b);
	check_poll_queues(b);
	check_busy(b);
	blkio_destroy(&b);
	return 0;
}
