/* SPDX-License-Identifier: MIT */
/*
 * A file is made larger and smaller; the capacity follows and new bytes are
 * zeroes.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/resource.h>

int main(void)
{
	const struct rlimit limit = { MIB, MIB };
	const char *path = temp_file(8192);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(8192);

	fill_pattern(buf, 0, 8192);
	check_int(do_write(q, 0, buf, 8192, 0), 0);
	check_ok(blkio_resize(b, 100));
	check_int(capacity_of(b), 100);
	check_ok(blkio_resize(b, 100000));
	check_int(capacity_of(b), 100000);
	check_int(size_of(path), 100000);
	check_int(do_read(q, 0, buf, 8192), 0);
	check(has_pattern(buf, 0, 100));
	check(all_zero(buf + 100, 8192 - 100));

	check_int(blkio_resize(b, UINT64_C(1) << 63), -EINVAL);
	check_contains(blkio_get_error_msg(), "9223372036854775808");
	check_int(blkio_resize(b, INT64_MAX), -EINVAL);
	signal(SIGXFSZ, SIG_IGN);
	check_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
	check_int(blkio_resize(b, 2 * MIB), -EINVAL);
	check_int(capacity_of(b), 100000);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
