/* SPDX-License-Identifier: MIT */
/* Resizing: data below the smaller of both sizes stays, new bytes read as
 * zeroes, also where there was data before the disk was made smaller. */
#include "tests/libblkio/blkio_test.h"

#define KIB 1024

static char buf[256 * KIB];

static void check_filled(struct blkioq *q, uint64_t start, uint64_t len, int c)
{
	blkioq_read(q, start, buf, len, NULL, 0);
	check_int(test_result(q), 0);
	for (uint64_t i = 0; i < len; i++)
		check_int(buf[i], c);
}

static void fill(struct blkioq *q, uint64_t start, uint64_t len, int c)
{
	memset(buf, c, len);
	blkioq_write(q, start, buf, len, NULL, 0);
	check_int(test_result(q), 0);
}

static void check_data(void)
{
	struct blkio *b = test_start("ram", "size=65536");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_extent e[2];

	fill(q, 0, 64 * KIB, 'x');
	check_ok(blkio_resize(b, 10000));
	check_int(test_u64(b, "capacity"), 10000);
	blkioq_read(q, 0, buf, 10001, NULL, 0);
	check_int(test_result(q), -EIO);
	check_filled(q, 0, 10000, 'x');
	check_ok(blkio_resize(b, 200 * KIB));
	check_int(test_u64(b, "capacity"), 200 * KIB);
	check_filled(q, 0, 10000, 'x');
	check_filled(q, 10000, 200 * KIB - 10000, 0);
	blkioq_block_status(q, 0, 200 * KIB, e, 2, NULL, 0);
	check_int(test_result(q), 2);
	check_int(e[1].flags, BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE);
	fill(q, 100 * KIB, 100 * KIB, 'y');
	check_ok(blkio_resize(b, 0));
	check_int(test_u64(b, "capacity"), 0);
	blkioq_read(q, 0, buf, 1, NULL, 0);
	check_int(test_result(q), -EIO);
	check_ok(blkio_resize(b, 256 * KIB));
	check_filled(q, 0, 256 * KIB, 0);
	blkio_destroy(&b);
}

static void check_errors(const char *driver)
{
	struct blkio *b =
		test_create(driver, "size=4096 request-alignment=512");

	check_fails(blkio_resize(b, 8192), ENODEV, "must be connected");
	check_ok(blkio_connect(b));
	check_ok(blkio_resize(b, 8192));
	check_int(test_u64(b, "capacity"), 8192);
	check_fails(blkio_resize(b, 8200), EINVAL,
		    "8200 violates request-alignment 512");
	check_fails(blkio_resize(b, UINT64_C(1) << 63), EINVAL, "larger than");
	check_int(test_u64(b, "capacity"), 8192);
	blkio_destroy(&b);
}

int main(void)
{
	check_data();
	check_errors("null");
	check_errors("ram");
	return 0;
}
