/* SPDX-License-Identifier: MIT */
/* Wrong arguments of do_io: the first of them in the documented order is
 * told, and no completion is lost. */
#include "tests/libblkio/blkio_test.h"

static struct timespec *ts(time_t sec, long nsec)
{
	static struct timespec t;

	t = (struct timespec){sec, nsec};
	return &t;
}

static void check_order(struct blkioq *q)
{
	struct blkio_completion c[2];

	check_fails(blkioq_do_io(q, NULL, -1, -1, ts(-1, -1)), EINVAL,
		    "tv_sec cannot be negative");
	check_fails(blkioq_do_io(q, NULL, -1, -1, ts(0, -1)), EINVAL,
		    "tv_nsec must be less than one second");
	check_fails(blkioq_do_io(q, NULL, -1, -1, ts(0, 1000000000)), EINVAL,
		    "tv_nsec must be less than one second");
	check_fails(blkioq_do_io(q, NULL, -1, -1, ts(0, 999999999)), EINVAL,
		    "min_completions cannot be negative");
	check_fails(blkioq_do_io(q, NULL, 0, -1, NULL), EINVAL,
		    "max_completions cannot be negative");
	check_fails(blkioq_do_io(q, NULL, 2, 1, NULL), EINVAL,
		    "min_completions must be less than or equal to "
		    "max_completions");
	check_fails(blkioq_do_io(q, NULL, 0, 1, NULL), EINVAL,
		    "max_completions must be 0 when completions is NULL");
	check_fails(blkioq_do_io(q, c, 1, 1, NULL), EINVAL,
		    "min_completions is larger than total outstanding "
		    "requests");
}

static void check_idle(struct blkioq *q)
{
	struct timespec timeout = {1, 5};
	struct blkio_completion c[2];

	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check_int(blkioq_do_io(q, c, 0, 0, NULL), 0);
	check_int(blkioq_do_io(q, c, 0, 2, &timeout), 0);
	check_int(timeout.tv_sec, 1);
	check_int(timeout.tv_nsec, 5);
}

static void check_nothing_lost(struct blkioq *q)
{
	struct blkio_completion c[4];

	blkioq_flush(q, NULL, 0);
	blkioq_flush(q, NULL, 1);
	check_fails(blkioq_do_io(q, c, 3, 4, NULL), EINVAL, "larger than");
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check_fails(blkioq_do_io(q, c, 3, 4, NULL), EINVAL, "3 of 2");
	check_fails(blkioq_do_io(q, NULL, 0, 1, NULL), EINVAL, "NULL");
	check_int(blkioq_do_io(q, c, 1, 1, NULL), 1);
	check_int(c[0].ret, -EINVAL);
	check_int(blkioq_do_io(q, c, 0, 4, NULL), 1);
	check_int(c[0].ret, 0);
	check_int(blkioq_do_io(q, c, 0, 4, NULL), 0);
}

int main(void)
{
	struct blkio *b = test_start("null", "");

	check_int(blkio_add_poll_queue(b), 0);
	check_order(blkio_get_queue(b, 0));
	check_order(blkio_get_poll_queue(b, 0));
	check_idle(blkio_get_queue(b, 0));
	check_idle(blkio_get_poll_queue(b, 0));
	check_nothing_lost(blkio_get_queue(b, 0));
	check_nothing_lost(blkio_get_poll_queue(b, 0));
	blkio_destroy(&b);
	return 0;
}
