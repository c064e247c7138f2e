/* SPDX-License-Identifier: MIT */
/* A request without a buffer is -EFAULT, not a crash; a write FUA and a flush
 * are done; write zeroes takes all its flags. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	struct blkio *b = test_start("ram", "size=65536");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct iovec iov[2] = {{NULL, 0}, {NULL, 1}};
	char byte = 'x';

	blkioq_read(q, 0, NULL, 1, NULL, 0);
	check_int(test_result(q), -EFAULT);
	blkioq_write(q, 0, NULL, 1, NULL, 0);
	check_int(test_result(q), -EFAULT);
	blkioq_writev(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), -EFAULT);
	blkioq_writev(q, 0, iov, 1, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_read(q, 0, NULL, 0, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_readv(q, 0, NULL, 0, NULL, 0);
	check_int(test_result(q), 0);

	blkioq_write(q, 5, &byte, 1, NULL, BLKIO_REQ_FUA);
	check_int(test_result(q), 0);
	blkioq_flush(q, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_write_zeroes(q, 0, 4096, NULL,
			    BLKIO_REQ_FUA | BLKIO_REQ_NO_UNMAP |
				    BLKIO_REQ_NO_FALLBACK);
	check_int(test_result(q), 0);
	blkioq_read(q, 5, &byte, 1, NULL, 0);
	check_int(test_result(q), 0);
	check_int(byte, 0);
	blkio_destroy(&b);
	return 0;
}
