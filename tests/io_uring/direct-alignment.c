/* SPDX-License-Identifier: MIT */
/*
 * With O_DIRECT a request that breaks request-alignment is -EINVAL, without
 * it nothing is too odd.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	const char *path = temp_file(MIB);
	struct blkio *b = open_disk(path, "direct=true", NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(8192);
	int align;

	check_ok(blkio_get_int(b, "request-alignment", &align));
	check(align >= 512 && IS_POWER_OF_TWO(align));
	/* holes are read without O_DIRECT's rules */
	check_int(do_write(q, 0, buf, 8192, 0), 0);
	check_int(do_read(q, 0, buf, (size_t)align), 0);
	check_int(do_read(q, 1, buf, (size_t)align), -EINVAL);
	check_int(do_read(q, 0, buf, (size_t)align + 1), -EINVAL);
	check_int(do_write(q, 0, buf, 100, 0), -EINVAL);
	check_int(blkio_resize(b, MIB + 1), -EINVAL);
	blkio_destroy(&b);

	b = open_disk(path, NULL);
	check_ok(blkio_get_int(b, "request-alignment", &align));
	check_int(align, 1);
	check_int(do_read(queue_of(b), 1, buf + 1, 1), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
