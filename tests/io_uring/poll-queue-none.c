/* SPDX-License-Identifier: MIT */
/*
 * A disk that does not poll says so before any request is made, and has no
 * poll queues: a loop device, a file that is not opened with O_DIRECT, and one
 * that has nothing which the device could be asked for.
 */
#include "tests/io_uring/iou_test.h"

static void check_none(const char *path, const char *direct)
{
	bool supported = true;
	struct blkio *b;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_str(b, "path", path));
	check_ok(blkio_set_str(b, "direct", direct));
	check_ok(blkio_get_bool(b, "supports-poll-queues", &supported));
	check(!supported);
	check_ok(blkio_connect(b));
	check_ok(blkio_get_bool(b, "supports-poll-queues", &supported));
	check(!supported);

	check_ok(blkio_set_int(b, "num-poll-queues", 1));
	check_int(blkio_start(b), -EINVAL);
	check_contains(blkio_get_error_msg(), "Poll queues not supported");
	/* which can be put right */
	check_ok(blkio_set_int(b, "num-poll-queues", 0));
	check_ok(blkio_start(b));
	check_int(blkio_add_poll_queue(b), -EINVAL);
	check_contains(blkio_get_error_msg(), "Poll queues not supported");
	check(blkio_get_poll_queue(b, 0) == NULL);
	check_int(do_flush(queue_of(b)), 0);
	blkio_destroy(&b);
}

int main(void)
{
	check_none(temp_file(MIB), "false");
	check_none(temp_loop(MIB, NULL), "true");
	/* of what is no data the device is never asked */
	check_none(temp_file(MIB), "true");
	return 0;
}
