/* SPDX-License-Identifier: MIT */
/*
 * With more requests than the ring holds and an event loop that only calls
 * do_io when the completion fd is readable, all complete: what waits inside
 * is moved on by the calls that fetch. Argument: num-entries.
 */
#include "tests/io_uring/iou_test.h"

#define REQUESTS 1000

int main(int argc, char **argv)
{
	struct blkio_completion c[16];
	char *buf = buffer(4096);
	struct blkio *b;
	struct blkioq *q;
	char setting[32];
	int fd;

	snprintf(setting, sizeof(setting), "num-entries=%s", argv[1]);
	b = open_disk(temp_file(MIB), setting, NULL);
	q = queue_of(b);
	fd = blkioq_get_completion_fd(q);
	for (int i = 0; i < REQUESTS; i++)
		if (i % 2) /* never completes within the call */
			blkioq_write_zeroes(q, 8192, 4096, NULL, 0);
		else
			blkioq_read(q, 0, buf, 4096, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	for (int left = REQUESTS; left > 0;) {
		int n;

		check(readable(fd, 20000));
		check(drain_fd(fd) > 0);
		while ((n = blkioq_do_io(q, c, 0, 16, NULL)) > 0) {
			for (int i = 0; i < n; i++)
				check_int(c[i].ret, 0);
			left -= n;
		}
		check_int(n, 0);
	}
	blkio_destroy(&b);
	free(buf);
	return 0;
}
