/* SPDX-License-Identifier: MIT */
/*
 * A request that the kernel can't be talked out of delays the instance's end
 * for a few seconds only.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

static int gate[2];

static void wait_at_gate(struct io_uring_sqe *sqe)
{
	hook_wait_for(sqe, gate[0]);
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(4096);
	int64_t began = clock_now_ns();

	check_int(pipe(gate), 0);
	hook.no_sync_cancel = true;
	hook.sqe = wait_at_gate;
	blkioq_read(q, 0, buf, 4096, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	blkio_destroy(&b);
	check(clock_now_ns() - began >= 2 * NS_PER_SEC);
	check(clock_now_ns() - began < 15 * NS_PER_SEC);
	free(buf);
	return 0;
}
