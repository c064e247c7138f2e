/* SPDX-License-Identifier: MIT */
/*
 * Block status shows a file's data and holes as they are, in pieces when
 * there is little room for the answer.
 */
#include "tests/io_uring/iou_test.h"

#define HOLE (BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE)
#define FILE_BYTES (MIB + 100)

static const struct blkio_extent expected[] = {
	{ .len = 128 * KIB, .flags = HOLE },
	{ .len = 64 * KIB, .flags = 0 },
	{ .len = 256 * KIB, .flags = HOLE },
	{ .len = 64 * KIB, .flags = 0 },
	{ .len = 512 * KIB + 100, .flags = HOLE },
};
#define RUNS ((int)ARRAY_SIZE(expected))

static void check_runs(const struct blkio_extent *e, int first, int nr)
{
	for (int i = 0; i < nr; i++) {
		check_int(e[i].len, expected[first + i].len);
		check_int(e[i].flags, expected[first + i].flags);
		check_int(e[i].reserved_, 0);
	}
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(FILE_BYTES), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_extent e[8];
	char *buf = buffer(64 * KIB);
	uint64_t pos = 0;

	check_int(do_write(q, 128 * KIB, buf, 64 * KIB, 0), 0);
	check_int(do_write(q, 448 * KIB, buf, 64 * KIB, 0), 0);
	check_int(do_block_status(q, 0, FILE_BYTES, e, 8), RUNS);
	check_runs(e, 0, RUNS);
	for (int i = 0; i < RUNS; i++) {
		check_int(do_block_status(q, pos, FILE_BYTES - pos, e, 1), 1);
		check_runs(e, i, 1);
		pos += e[0].len;
	}
	check_int(do_block_status(q, 0, FILE_BYTES, e, 3), 3);
	check_runs(e, 0, 3);

	/* odd ranges are cut to what was asked for */
	check_int(do_block_status(q, 128 * KIB - 1, 2, e, 8), 2);
	check_int(e[0].len, 1);
	check_int(e[0].flags, HOLE);
	check_int(e[1].len, 1);
	check_int(e[1].flags, 0);

	check_int(do_block_status(q, 0, 0, e, 1), 0);
	check_int(do_block_status(q, FILE_BYTES, 0, e, 1), 0);
	check_int(do_block_status(q, 0, FILE_BYTES, e, 0), -EINVAL);
	check_int(do_block_status(q, UINT64_MAX, 2, e, 8), -EINVAL);
	check_int(do_block_status(q, 0, FILE_BYTES, NULL, 8), -EFAULT);
	/* as reads do, it finds zeroes behind the end */
	check_int(do_block_status(q, FILE_BYTES, MIB, e, 8), 1);
	check_int(e[0].len, MIB);
	check_int(e[0].flags, HOLE);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
