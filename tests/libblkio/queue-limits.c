/* SPDX-License-Identifier: MIT */
/* How many queues there can be: none at first where they can be added, never
 * more than max-queues. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	struct blkio *b = test_connect("null", "");

	check_ok(blkio_set_int(b, "num-queues", 0));
	check_ok(blkio_start(b));
	check(!blkio_get_queue(b, 0));
	check_int(blkio_add_queue(b), 0);
	blkio_destroy(&b);

	b = test_connect("null", "max-queues=3");
	check_ok(blkio_set_int(b, "num-queues", 2));
	check_ok(blkio_set_int(b, "num-poll-queues", 2));
	check_fails(blkio_start(b), EINVAL, "must not be greater than 3");
	check_ok(blkio_set_int(b, "num-queues", 1));
	check_ok(blkio_start(b));
	check_fails(blkio_add_queue(b), EINVAL, "max-queues 3");
	check_int(blkio_remove_poll_queue(b, 1), 0);
	check_int(blkio_add_queue(b), 1);
	check_fails(blkio_add_poll_queue(b), EINVAL, "max-queues 3");
	blkio_destroy(&b);

	b = test_connect("null", "can-add-queues=false");
	check_fails(blkio_add_queue(b), EOPNOTSUPP,
		    "Driver does not support dynamically adding queues");
	check_ok(blkio_set_int(b, "num-queues", 0));
	check_fails(blkio_start(b), EINVAL, "At least one of");
	check_ok(blkio_set_int(b, "num-queues", 1));
	check_ok(blkio_start(b));
	check_fails(blkio_add_queue(b), EOPNOTSUPP, "dynamically");
	check_int(blkio_remove_queue(b, 0), 0);
	blkio_destroy(&b);

	b = test_start("null", "supports-poll-queues=false");
	check_fails(blkio_add_poll_queue(b), EINVAL,
		    "Poll queues not supported");
	blkio_destroy(&b);

	/* a count that no table could hold ends in an error, not in a wait */
	b = test_connect("null", "");
	check_ok(blkio_set_int(b, "num-queues", INT_MAX));
	check_ok(blkio_set_int(b, "num-poll-queues", INT_MAX));
	check_fails(blkio_start(b), EINVAL, "must not be greater than");
	blkio_destroy(&b);
	return 0;
}
