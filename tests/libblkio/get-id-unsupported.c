/* SPDX-License-Identifier: MIT */
/* A driver that can't ask for an ID says so, and leaves the buffer alone; so
 * do flags. */
#include "tests/libblkio/blkio_test.h"

static void check_driver(const char *driver, const char *props)
{
	struct blkio *b = test_start(driver, props);
	struct blkioq *q = blkio_get_queue(b, 0);
	char id[BLKIO_ID_LEN] = "as it was";

	blkioq_get_id(q, id, NULL, 0);
	check_int(test_result(q), -ENOTSUP);
	blkioq_get_id(q, NULL, NULL, 0);
	check_int(test_result(q), -ENOTSUP);
	blkioq_get_id(q, id, NULL, BLKIO_REQ_FUA);
	check_int(test_result(q), -EINVAL);
	check_str(id, "as it was");
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null", "size=4096");
	check_driver("ram", "size=4096");
	check_driver("ram", "size=4096 latency-us=100");
	return 0;
}
