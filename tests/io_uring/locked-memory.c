/* SPDX-License-Identifier: MIT */
/*
 * No locked memory left for a ring is told with what to do about it, and
 * start can be tried again.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

int main(void)
{
	struct blkio *b;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_str(b, "path", temp_file(MIB)));
	check_ok(blkio_connect(b));
	hook.init_error = -ENOMEM;
	check_int(blkio_start(b), -ENOMEM);
	check_contains(blkio_get_error_msg(), "RLIMIT_MEMLOCK");
	check_contains(blkio_get_error_msg(), "num-entries");
	hook.init_error = 0;
	check_ok(blkio_start(b));
	check_int(do_flush(queue_of(b)), 0);
	blkio_destroy(&b);
	return 0;
}
