/* SPDX-License-Identifier: MIT */
/* A program linked with the shared library, not the archive, does I/O; so do
 * those that were built for libblkio 1.5.0. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	struct blkio *b = test_start("ram", "size=1048576");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_extent e;
	char buf[] = "hello";

	blkioq_write(q, 5, buf, sizeof(buf), NULL, 0);
	check_int(test_result(q), 0);
	memset(buf, 0, sizeof(buf));
	blkioq_read(q, 5, buf, sizeof(buf), NULL, 0);
	check_int(test_result(q), 0);
	check_str(buf, "hello");
	blkioq_block_status(q, 524288, 4096, &e, 1, NULL, 0);
	check_int(test_result(q), 1);
	check_int(e.flags, BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE);
	blkio_destroy(&b);
	return 0;
}
