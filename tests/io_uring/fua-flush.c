/* SPDX-License-Identifier: MIT */
/*
 * FUA reaches the kernel as RWF_DSYNC on writes and as an fdatasync after
 * zeroes, under one completion; a flush is an fdatasync. Nothing else syncs.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

static unsigned dsyncs, fsyncs, fallocates;

static void count(struct io_uring_sqe *sqe)
{
	bool write = sqe->opcode == IORING_OP_WRITE ||
		     sqe->opcode == IORING_OP_WRITEV;

	dsyncs += write && sqe->rw_flags == RWF_DSYNC;
	if (write && sqe->rw_flags)
		check_int(sqe->rw_flags, RWF_DSYNC);
	fallocates += sqe->opcode == IORING_OP_FALLOCATE;
	if (sqe->opcode == IORING_OP_FSYNC) {
		check_int(sqe->fsync_flags, IORING_FSYNC_DATASYNC);
		fsyncs++;
	}
}

static void check_counts(unsigned d, unsigned f)
{
	check_int(dsyncs, d);
	check_int(fsyncs, f);
	dsyncs = fsyncs = 0;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_completion c;
	char *buf = buffer(8192);
	struct iovec iov[2] = { { buf, 4096 }, { buf + 4096, 4096 } };

	hook.sqe = count;
	check_int(do_write(q, 0, buf, 4096, 0), 0);
	check_int(do_read(q, 0, buf, 4096), 0);
	check_counts(0, 0);
	check_int(do_write(q, 0, buf, 4096, BLKIO_REQ_FUA), 0);
	check_counts(1, 0);
	blkioq_writev(q, 0, iov, 2, NULL, BLKIO_REQ_FUA);
	check_int(next_ret(q), 0);
	check_counts(1, 0);
	check_int(do_flush(q), 0);
	check_counts(0, 1);
	check_int(do_write_zeroes(q, 0, 4096, 0), 0);
	check_counts(0, 0);
	check_int(fallocates, 1);
	check_int(do_write_zeroes(q, 0, 4096, BLKIO_REQ_FUA), 0);
	check_counts(0, 1);
	check_int(fallocates, 2);
	/* failed zeroes are not synced, and told once */
	check_int(do_write_zeroes(q, 0, 0, BLKIO_REQ_FUA), -EINVAL);
	check_counts(0, 0);
	check_int(blkioq_do_io(q, &c, 0, 1, NULL), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
