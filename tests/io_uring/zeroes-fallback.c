/* SPDX-License-Identifier: MIT */
/*
 * A block device without native zeroing is written to, unless NO_FALLBACK
 * forbids that; one that only claims to have it as well.
 */
#include "libblkio/drivers/io_uring/iou.h"
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include <linux/falloc.h>

#define SLOW (FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)

static unsigned slow, fast;

/* Fast zeroing fails as on a device that lied; ~0 is no mode at all. */
static void refuse_fast(struct io_uring_sqe *sqe)
{
	if (sqe->opcode != IORING_OP_FALLOCATE)
		return;
	if (sqe->len == SLOW) {
		slow++;
	} else {
		fast++;
		sqe->len = FALLOC_FL_INSERT_RANGE;
	}
}

static void check_zeroed(struct blkioq *q, char *buf)
{
	check_int(do_read(q, 0, buf, 8192), 0);
	check(all_zero(buf, 4096));
	check(has_pattern(buf + 4096, 4096, 4096));
	fill_pattern(buf, 0, 8192);
	check_int(do_write(q, 0, buf, 8192, 0), 0);
}

int main(void)
{
	struct blkio *b = open_disk(temp_loop(MIB, NULL), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_completion c;
	char *buf = buffer(8192);

	if (!to_ioudev(b)->native_zeroes)
		check_skip("the loop device can't zero natively");
	fill_pattern(buf, 0, 8192);
	check_int(do_write(q, 0, buf, 8192, 0), 0);
	hook.sqe = refuse_fast;
	check_int(do_write_zeroes(q, 0, 4096, 0), 0);
	check_int(fast, 1);
	check_int(slow, 1);
	check_zeroed(q, buf);
	check_int(do_write_zeroes(q, 0, 4096, BLKIO_REQ_NO_FALLBACK),
		  -EOPNOTSUPP);
	check_int(slow, 1);

	/* as connect() finds a device with write_zeroes_max_bytes 0 */
	to_ioudev(b)->native_zeroes = false;
	check_int(do_write_zeroes(q, 0, 4096, BLKIO_REQ_FUA), 0);
	check_int(slow, 2);
	check_int(fast, 2);
	check_zeroed(q, buf);
	blkioq_write_zeroes(q, 0, 4096, NULL, BLKIO_REQ_NO_FALLBACK);
	c = next_completion(q);
	check_int(c.ret, -ENOTSUP);
	check_str(c.error_msg, "the block device does not support write zeroes "
		  "with BLKIO_REQ_NO_FALLBACK");
	blkio_destroy(&b);
	free(buf);
	return 0;
}
