/* SPDX-License-Identifier: MIT */
/* The null driver reads as zeroes, unless read-zeroes=false: then a read
 * leaves the buffer as it was. */
#include "tests/libblkio/blkio_test.h"
#include "util/iov.h"

static void check_reads(const char *properties, bool zeroes)
{
	struct blkio *b = test_start("null", properties);
	char buf[4096];
	struct iovec iov[] = {{buf, 1000}, {buf + 2000, 96}};
	struct blkio_extent extent;
	struct blkioq *q = blkio_get_queue(b, 0);

	memset(buf, 'x', sizeof(buf));
	blkioq_read(q, 512, buf, sizeof(buf), NULL, 0);
	check_int(test_result(q), 0);
	check(zeroes ? buf_is_zero(buf, sizeof(buf)) : buf[0] == 'x');
	memset(buf, 'x', sizeof(buf));
	blkioq_readv(q, 512, iov, 2, NULL, 0);
	check_int(test_result(q), 0);
	check_int(buf_is_zero(buf, 1000) && buf_is_zero(buf + 2000, 96),
		  zeroes);
	check_int(buf[1000], 'x');
	check_int(buf[2096], 'x');
	blkioq_block_status(q, 0, 4096, &extent, 1, NULL, 0);
	check_int(test_result(q), 1);
	check_int(extent.len, 4096);
	check_int(extent.flags, zeroes ? BLKIO_EXTENT_ZERO : 0);
	blkio_destroy(&b);
}

int main(void)
{
	check_reads("size=1048576", true);
	check_reads("size=1048576 read-zeroes=false", false);
	return 0;
}
