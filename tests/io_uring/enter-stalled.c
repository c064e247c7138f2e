/* SPDX-License-Identifier: MIT */
/*
 * io_uring_enter(2) failing for want of memory is tried again; when it keeps
 * failing, do_io says so after about a second and the requests are still
 * there for a later call.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

static unsigned failures;
static int error;

static int fail(unsigned to_submit, unsigned min_complete)
{
	if (failures == 0)
		return 0;
	failures--;
	return error;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(4096), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_completion c;
	char *buf = buffer(4096);

	hook.enter = fail;
	error = -EBUSY;
	failures = 5;
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(failures, 0);
	error = -EAGAIN;
	failures = 1000000;
	blkioq_read(q, 0, buf, 4096, buf, 0);
	check_int(blkioq_do_io(q, &c, 1, 1, NULL), -EAGAIN);
	check(failures > 1000000 - 10000);
	failures = 0;
	check_int(blkioq_do_io(q, &c, 1, 1, NULL), 1);
	check_int(c.ret, 0);
	check(c.user_data == buf);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
