/* SPDX-License-Identifier: MIT */
/* An instance can be destroyed with requests in flight, in the backlog,
 * refused and complete, and with regions mapped: nothing leaks. */
#include "tests/libblkio/blkio_test.h"

static void run(const char *driver)
{
	struct blkio *b = test_start(driver, "size=1048576 queue-depth=4 "
					     "latency-us=3600000000");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_mem_region mapped, allocated;
	static char buf[4096];

	check_ok(blkio_alloc_mem_region(b, &mapped, 8192));
	check_ok(blkio_alloc_mem_region(b, &allocated, 4096));
	check_ok(blkio_map_mem_region(b, &mapped));
	for (int i = 0; i < 100; i++)
		blkioq_write(q, 0, buf, sizeof(buf), NULL, 0);
	blkioq_read(q, 0, buf, sizeof(buf), NULL, ~0u);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	blkio_destroy(&b);
}

int main(void)
{
	int nr_fds = test_nr_open_fds();

	run("null");
	run("ram");
	check_int(test_nr_open_fds(), nr_fds);
	return 0;
}
