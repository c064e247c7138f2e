/* SPDX-License-Identifier: MIT */
/*
 * A queue may be used by one thread after another, with a lock of theirs:
 * what one submits, another may complete, even when the first has ended.
 */
#include "tests/io_uring/iou_test.h"

#include <pthread.h>

static struct blkioq *queue;
static char *buf;
static struct blkio_extent extent;

static void *submit(void *arg)
{
	blkioq_read(queue, 0, buf, 4096, NULL, 0);
	blkioq_write_zeroes(queue, 8192, 4096, NULL, 0);
	blkioq_block_status(queue, 0, MIB, &extent, 1, buf, 0);
	check_int(blkioq_do_io(queue, NULL, 0, 0, NULL), 0);
	return NULL;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkio_completion c[3];
	pthread_t thread;

	queue = queue_of(b);
	buf = buffer(4096);
	for (int round = 0; round < 50; round++) {
		check_int(pthread_create(&thread, NULL, submit, NULL), 0);
		check_int(pthread_join(thread, NULL), 0);
		check_int(blkioq_do_io(queue, c, 3, 3, NULL), 3);
		for (int i = 0; i < 3; i++)
			check_int(c[i].ret, c[i].user_data ? 1 : 0);
	}
	blkio_destroy(&b);
	free(buf);
	return 0;
}
