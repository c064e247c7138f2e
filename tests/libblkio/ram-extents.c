/* SPDX-License-Identifier: MIT */
/* Block status of a ram disk is exact to the page: written is data, the rest
 * and what was discarded or zeroed is hole, unless it was to stay. */
#include "tests/libblkio/blkio_test.h"

#define HOLE (BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE)

static struct blkioq *q;
static uint64_t page;
static struct blkio_extent e[16];

static int status(uint64_t start, uint64_t len, uint32_t max)
{
	memset(e, 0xee, sizeof(e));
	blkioq_block_status(q, start, len, e, max, NULL, 0);
	return test_result(q);
}

static void check_extent(int i, uint64_t len, uint32_t flags)
{
	check_int(e[i].len, len);
	check_int(e[i].flags, flags);
}

static void write_at(uint64_t start, uint64_t len)
{
	char *data = calloc(1, len);

	blkioq_write(q, start, data, len, NULL, 0);
	check_int(test_result(q), 0);
	free(data);
}

static void check_basics(uint64_t size)
{
	check_int(status(0, size, 16), 1);
	check_extent(0, size, HOLE);
	check_int(status(7, 1, 16), 1);
	check_extent(0, 1, HOLE);
	check_int(status(0, 0, 16), 0);

	write_at(10 * page + 5, 1); /* one byte: its page */
	write_at(70 * page, 2 * page);
	check_int(status(0, size, 16), 5);
	check_extent(0, 10 * page, HOLE);
	check_extent(1, page, 0);
	check_extent(2, 59 * page, HOLE);
	check_extent(3, 2 * page, 0);
	check_extent(4, size - 72 * page, HOLE);

	/* from within a run, and no more than asked for */
	check_int(status(10 * page + 1, 61 * page, 2), 2);
	check_extent(0, page - 1, 0);
	check_extent(1, 59 * page, HOLE);
	check_int(status(10 * page + 1, 2, 16), 1);
	check_extent(0, 2, 0);
}

static void check_zeroes(uint64_t size)
{
	write_at(0, size);
	check_int(status(0, size, 16), 1);
	check_extent(0, size, 0);
	blkioq_write_zeroes(q, page, 100 * page, NULL, BLKIO_REQ_NO_UNMAP);
	check_int(test_result(q), 0);
	check_int(status(0, size, 16), 1);
	check_extent(0, size, 0);
	blkioq_write_zeroes(q, page + 1, 100 * page, NULL, 0);
	check_int(test_result(q), 0);
	check_int(status(0, size, 16), 3);
	check_extent(0, 2 * page, 0);
	check_extent(1, 99 * page, HOLE);
	blkioq_discard(q, 0, size, NULL, 0);
	check_int(test_result(q), 0);
	/* the last page is only a part, which can't be given back */
	check_int(status(0, size, 16), 2);
	check_extent(0, size / page * page, HOLE);
	check_extent(1, size % page, 0);
}

int main(void)
{
	struct blkio *b = test_create("ram", "");
	uint64_t size;

	page = sysconf(_SC_PAGESIZE);
	size = 200 * page + 77;
	check_ok(blkio_set_uint64(b, "size", size));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	q = blkio_get_queue(b, 0);
	check_basics(size);
	check_zeroes(size);
	blkio_destroy(&b);
	return 0;
}
