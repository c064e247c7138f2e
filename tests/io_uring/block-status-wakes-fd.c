/* SPDX-License-Identifier: MIT */
/*
 * Block status is answered through the completion fd while the queue's
 * thread does something else, among reads and alone, one and many.
 */
#include "tests/io_uring/iou_test.h"

#define MANY 1000

int main(void)
{
	static struct blkio_extent e[MANY];
	struct blkio *b = open_disk(temp_file(MIB), "num-entries=4", NULL);
	struct blkioq *q = queue_of(b);
	int fd = blkioq_get_completion_fd(q);
	struct blkio_completion c[16];
	char *buf = buffer(4096);

	for (int i = 0; i < 10; i++) {
		int n, signals = 0;

		blkioq_block_status(q, 0, MIB, e, 1, NULL, 0);
		check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
		/* a ring that holds CQEs back signals again when it gives them
		 * out: at most one signal is in vain */
		do {
			check(readable(fd, 20000));
			drain_fd(fd);
			n = blkioq_do_io(q, c, 0, 16, NULL);
		} while (n == 0 && ++signals < 2);
		check_int(n, 1);
		check_int(c[0].ret, 1);
	}
	for (int i = 0; i < MANY; i++) {
		blkioq_block_status(q, 0, MIB, &e[i], 1, NULL, 0);
		if (i % 8 == 0)
			blkioq_read(q, 0, buf, 4096, buf, 0);
	}
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	for (int left = MANY + MANY / 8; left > 0;) {
		int n;

		check(readable(fd, 20000));
		drain_fd(fd);
		while ((n = blkioq_do_io(q, c, 0, 16, NULL)) > 0) {
			for (int i = 0; i < n; i++)
				check_int(c[i].ret, c[i].user_data ? 0 : 1);
			left -= n;
		}
	}
	for (int i = 0; i < MANY; i++)
		check_int(e[i].len, MIB);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
