/* SPDX-License-Identifier: MIT */
/*
 * Requests that can't be: each is told by its own completion, with a text
 * where the kernel has no say, and the queue goes on.
 */
#include "tests/io_uring/iou_test.h"

#include <limits.h>

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	static struct iovec iov[IOV_MAX + 1];
	char *buf = buffer(4096);
	struct blkio_completion c;

	for (int i = 0; i <= IOV_MAX; i++)
		iov[i] = (struct iovec){ buf, 1 };
	blkioq_read(q, 0, buf, UINT64_C(1) << 32, buf, 0);
	c = next_completion(q);
	check_int(c.ret, -EINVAL);
	check(c.user_data == buf);
	check_str(c.error_msg, "len must fit in an unsigned 32-bit integer");
	blkioq_write(q, 0, buf, UINT64_C(1) << 32, NULL, 0);
	check_int(next_ret(q), -EINVAL);

	check_int(do_read(q, UINT64_C(1) << 63, buf, 4096), -EINVAL);
	check_int(do_read(q, UINT64_MAX, buf, 4096), -EINVAL);
	check_int(do_write(q, UINT64_MAX, buf, 4096, 0), -EINVAL);
	check_int(do_write(q, UINT64_MAX, buf, 0, 0), -EINVAL);
	blkioq_readv(q, UINT64_MAX, iov, 2, NULL, 0);
	check_int(next_ret(q), -EINVAL);

	blkioq_readv(q, 0, iov, IOV_MAX, NULL, 0);
	check_int(next_ret(q), 0);
	blkioq_readv(q, 0, iov, IOV_MAX + 1, NULL, 0);
	check_int(next_ret(q), -EINVAL);
	blkioq_readv(q, 0, NULL, 1, NULL, 0);
	check_int(next_ret(q), -EFAULT);
	blkioq_writev(q, 0, NULL, 3, NULL, 0);
	check_int(next_ret(q), -EFAULT);
	iov[0].iov_len = iov[1].iov_len = SIZE_MAX / 2 + 1;
	blkioq_readv(q, 0, iov, 2, NULL, 0);
	check_int(next_ret(q), -EINVAL);

	check_int(do_read(q, 0, NULL, 4096), -EFAULT);
	check_int(do_write(q, 0, NULL, 4096, 0), -EFAULT);
	blkioq_open_zone(q, 0, NULL, 0);
	c = next_completion(q);
	check_int(c.ret, -ENOTSUP);
	check_str(c.error_msg, "request not supported for this driver");
	check_int(do_read(q, 0, buf, 4096), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
