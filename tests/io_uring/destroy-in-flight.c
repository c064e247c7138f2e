/* SPDX-License-Identifier: MIT */
/*
 * An instance with requests in flight goes away soon, whatever they are
 * doing, and nothing writes to memory afterwards. Argument: "any", or "old"
 * for a kernel without synchronous cancellation.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

static int gate[2];
static bool stuck;

static void wait_at_gate(struct io_uring_sqe *sqe)
{
	if (stuck && sqe->opcode == IORING_OP_READ)
		hook_wait_for(sqe, gate[0]);
}

int main(int argc, char **argv)
{
	int64_t began;

	check_int(pipe(gate), 0);
	hook.no_sync_cancel = strcmp(argv[1], "old") == 0;
	hook.sqe = wait_at_gate;
	for (int round = 0; round < 8; round++) {
		struct blkio *b = open_disk(temp_file(0), "num-entries=32",
					    NULL);
		struct blkioq *q = queue_of(b);
		char *buf = buffer(MIB);
		struct blkio_extent *e = malloc(100 * sizeof(*e));
		struct iovec iov[2] = { { buf, 1000 }, { buf + 1000, 10 } };

		check_ok(blkio_resize(b, MIB));
		/* on a new kernel one that would never end by itself */
		stuck = !hook.no_sync_cancel;
		blkioq_read(q, 0, buf, MIB, NULL, 0);
		for (int i = 0; i < 100; i++) {
			blkioq_write(q, 0, buf, MIB, NULL, BLKIO_REQ_FUA);
			blkioq_readv(q, MIB - 500, iov, 2, NULL, 0);
			blkioq_block_status(q, 0, MIB, e + i, 1, NULL, 0);
			blkioq_flush(q, NULL, 0);
		}
		if (round % 4)
			check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
		began = clock_now_ns();
		blkio_destroy(&b);
		check(b == NULL);
		check(clock_now_ns() - began < 10 * NS_PER_SEC);
		free(buf);
		free(e);
	}
	return 0;
}
