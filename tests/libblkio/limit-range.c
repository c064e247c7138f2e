/* SPDX-License-Identifier: MIT */
/* At the end of the disk: the last byte is there, the next is not; nothing
 * overflows. Reads get -EIO, what writes -ENOSPC, block status -EINVAL. */
#include "tests/libblkio/request_test.h"

#define SIZE 100000

static char buf[SIZE + 1];

static int error_of(enum kind kind)
{
	if (kind == BLOCK_STATUS)
		return -EINVAL;
	return kind == READ || kind == READV ? -EIO : -ENOSPC;
}

static void check_range(struct blkioq *q, uint64_t start, size_t len, bool good)
{
	struct iovec iov = {buf, len};
	struct blkio_completion c;

	for (int kind = 0; kind < NR_DATA_KINDS; kind++) {
		int ret = run_kind(q, kind, start, &iov, 0, &c);

		if (good || kind == FLUSH)
			check(ret >= 0);
		else
			check_int(ret, error_of(kind));
	}
}

/* Without data; the length need not be that of a buffer. */
static void check_huge(struct blkioq *q, uint64_t start, uint64_t len)
{
	blkioq_write_zeroes(q, start, len, NULL, 0);
	check_int(test_result(q), -ENOSPC);
	blkioq_discard(q, start, len, NULL, 0);
	check_int(test_result(q), -ENOSPC);
	blkioq_block_status(q, start, len, test_extents, 4, NULL, 0);
	check_int(test_result(q), -EINVAL);
}

static void check_driver(const char *driver, const char *props)
{
	struct blkio *b = test_start(driver, props);
	struct blkioq *q = blkio_get_queue(b, 0);

	check_range(q, 0, SIZE, true);
	check_range(q, SIZE - 1, 1, true);
	check_range(q, SIZE, 0, true);
	check_range(q, 0, SIZE + 1, false);
	check_range(q, SIZE, 1, false);
	check_range(q, SIZE + 1, 0, false);
	check_range(q, SIZE - 1, 2, false);
	check_range(q, UINT64_MAX, 1, false);
	check_range(q, UINT64_MAX - 4095, 4096, false);
	check_range(q, UINT64_C(1) << 63, 512, false);
	check_huge(q, 0, UINT64_MAX);
	check_huge(q, 1, UINT64_MAX);
	check_huge(q, UINT64_MAX, UINT64_MAX);
	blkioq_block_status(q, 0, SIZE, test_extents, 0, NULL, 0);
	check_int(test_result(q), -EINVAL);
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null", "size=100000");
	check_driver("ram", "size=100000");
	/* the longer way through the checks */
	check_driver("null", "size=100000 max-transfer=1000000");
	check_driver("ram", "size=100000 max-transfer=1000000");
	return 0;
}
