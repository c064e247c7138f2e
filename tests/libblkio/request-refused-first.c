/* SPDX-License-Identifier: MIT */
/* Requests refused at submission complete before all others, in their order,
 * and signal the completion fd even when that is disabled. */
#include "tests/libblkio/blkio_test.h"

#define USER(n) ((void *)(uintptr_t)(n))

static void check_driver(const char *driver)
{
	struct blkio *b = test_start(driver, "size=1048576");
	struct blkioq *q = blkio_get_queue(b, 0);
	int fd = blkioq_get_completion_fd(q);
	struct blkio_completion c[8];
	static char buf[4096];

	check(!test_readable(fd, 0));
	for (int i = 1; i <= 4; i++)
		blkioq_read(q, 0, buf, sizeof(buf), USER(i), 0);
	check(!test_readable(fd, 0));
	blkioq_read(q, 0, buf, sizeof(buf), USER(5), BLKIO_REQ_FUA);
	check(test_readable(fd, 0));
	blkioq_open_zone(q, 0, USER(6), 0);
	blkioq_flush(q, USER(7), 0);

	test_wait(q, c, 1); /* two are there; more may be */
	check(c[0].user_data == USER(5));
	check_int(c[0].ret, -EINVAL);
	test_wait(q, c, 6);
	check(c[0].user_data == USER(6));
	check_int(c[0].ret, -ENOTSUP);
	for (int i = 1; i <= 4; i++) {
		check(c[i].user_data == USER(i));
		check_int(c[i].ret, 0);
	}
	check(c[5].user_data == USER(7));
	blkio_destroy(&b);
}

/* One that the driver refuses when it leaves the backlog is no different. */
static void check_backlog(void)
{
	struct blkio *b = test_start("null", "queue-depth=1 read-only=true "
					     "latency-us=1000");
	struct blkioq *q = blkio_get_queue(b, 0);
	int fd = blkioq_get_completion_fd(q);
	struct blkio_completion c[2];
	static char buf[512];

	blkioq_read(q, 0, buf, sizeof(buf), USER(1), 0);
	blkioq_write(q, 0, buf, sizeof(buf), USER(2), 0);
	check(!test_readable(fd, 0));
	test_wait(q, c, 2);
	check(test_readable(fd, 0));
	check(c[0].user_data == USER(2));
	check_int(c[0].ret, -EBADF);
	check_str(c[0].error_msg, "device is read-only");
	check(c[1].user_data == USER(1));
	check_int(c[1].ret, 0);
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null");
	check_driver("ram");
	check_backlog();
	return 0;
}
