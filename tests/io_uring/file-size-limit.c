/* SPDX-License-Identifier: MIT */
/*
 * A write that RLIMIT_FSIZE cuts short is continued and then fails with
 * EFBIG; what fitted is there.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/resource.h>

int main(void)
{
	const struct rlimit limit = { 10000, 10000 };
	const char *path = temp_file(0);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *out = buffer(16384), *in = buffer(16384);
	struct iovec iov[2] = { { out, 5000 }, { out + 5000, 11384 } };

	signal(SIGXFSZ, SIG_IGN);
	check_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
	fill_pattern(out, 0, 16384);
	check_int(do_write(q, 0, out, 16384, 0), -EFBIG);
	check_int(size_of(path), 10000);
	check_int(do_read(q, 0, in, 10000), 0);
	check(has_pattern(in, 0, 10000));
	blkioq_writev(q, 0, iov, 2, NULL, 0);
	check_int(next_ret(q), -EFBIG);
	check_int(size_of(path), 10000);
	blkio_destroy(&b);
	free(out);
	free(in);
	return 0;
}
