/* SPDX-License-Identifier: MIT */
/* A read-only device is read and flushed; all else gets -EBADF. */
#include "tests/libblkio/request_test.h"

static void check_driver(const char *driver)
{
	static char buf[512];
	struct iovec iov = {buf, sizeof(buf)};
	struct blkio *b = test_start(driver, "size=4096 read-only=true");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion c;

	for (int kind = 0; kind < NR_DATA_KINDS; kind++) {
		int ret = run_kind(q, kind, 0, &iov, 0, &c);

		if (kind == READ || kind == READV || kind == FLUSH) {
			check_int(ret, 0);
		} else if (kind == BLOCK_STATUS) {
			check_int(ret, 1);
		} else {
			check_int(ret, -EBADF);
			check_str(c.error_msg, "device is read-only");
		}
	}
	check_fails(blkio_resize(b, 8192), EACCES, "read-only");
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null");
	check_driver("ram");
	return 0;
}
