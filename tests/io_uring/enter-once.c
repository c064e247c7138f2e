/* SPDX-License-Identifier: MIT */
/*
 * System calls: one per batch, however large; one that hands over and waits;
 * none to look for completions or when nothing is to be done.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#define BATCH 100

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_completion c[BATCH];
	char *buf = buffer(4096);
	unsigned before = hook.enters;

	for (int i = 0; i < BATCH; i++)
		blkioq_read(q, 0, buf, 4096, NULL, 0);
	check_int(hook.enters, before);
	check_int(blkioq_do_io(q, c, BATCH, BATCH, NULL), BATCH);
	check_int(hook.enters, before + 1);
	check_int(blkioq_do_io(q, c, 0, BATCH, NULL), 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check_int(hook.enters, before + 1);

	/* handed over first, fetched without another call */
	blkioq_read(q, 0, buf, 4096, NULL, 0);
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(hook.enters, before + 2);
	check_int(next_ret(q), 0);
	check_int(hook.enters, before + 2);

	/* zeroes are done by a thread of the kernel: one call waits for it */
	check_int(do_write_zeroes(q, 0, 4096, 0), 0);
	check_int(hook.enters, before + 3);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
