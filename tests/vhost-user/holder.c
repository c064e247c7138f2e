/* SPDX-License-Identifier: MIT */
/* A front-end for tests of the command: holder PATH has a request in flight,
 * which it says, and then waits to be killed. */
#include "tests/vhost-user/restart.h"

int main(int argc, char **argv)
{
	static struct front f;
	char *records;

	if (argc != 2)
		return 2;
	front_begin(&f, argv[1], 1, ALL_FEATURES);
	records = mmap(NULL, f.inflight.mmap_size, PROT_READ, MAP_SHARED,
		       f.inflight_fd, 0);
	check(records != MAP_FAILED);
	offer(&f, 0, 0, VIRTIO_BLK_T_IN, 0, 512);
	publish(&f, 0);
	wait_marked(&f, records, 0, 1);
	puts("in flight");
	fflush(stdout);
	for (;;)
		pause();
}
