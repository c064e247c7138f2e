/* SPDX-License-Identifier: MIT */
/* Of several things wrong with a set, the first in the documented order is
 * told: UTF-8, name, type or text form, read-only, state, range. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	struct blkio *b = test_create("null", "");
	uint64_t u = 7;
	char *s = (char *)&u;

	check_fails(blkio_set_str(b, "nope\xff", "\xff"), EINVAL,
		    "Invalid property name");
	check_fails(blkio_set_str(b, "nope", "\xff"), EINVAL,
		    "Invalid value string");
	check_fails(blkio_set_str(b, "nope", "x"), ENOENT,
		    "Unknown property name");
	check_fails(blkio_set_bool(b, "nope", true), ENOENT, "Unknown");
	check_fails(blkio_get_str(b, "nope", &s), ENOENT, "Unknown");
	check(!s);

	/* type before read-only and before state */
	check_fails(blkio_set_int(b, "capacity", 1), ENOTTY, "not an int");
	check_fails(blkio_set_str(b, "capacity", "x"), EINVAL, "Value must be");
	check_fails(blkio_get_bool(b, "capacity", (bool *)&u), ENOTTY, "bool");

	/* read-only before state, state before range */
	check_fails(blkio_set_uint64(b, "capacity", 1), EACCES, "read-only");
	check_fails(blkio_set_int(b, "num-queues", -1), ENODEV, "connected");
	check_ok(blkio_connect(b));
	check_fails(blkio_set_int(b, "num-queues", -1), EINVAL,
		    "must be equal to or greater than 0");
	check_ok(blkio_start(b));
	check_fails(blkio_set_int(b, "num-queues", -1), EBUSY, "started state");
	check_fails(blkio_set_str(b, "num-queues", "x"), EINVAL, "Value must");
	check_fails(blkio_set_uint64(b, "size", 1), EBUSY, "connected state");
	check_fails(blkio_set_uint64(b, "latency-us", 1), EBUSY,
		    "started state");
	blkio_destroy(&b);
	return 0;
}
