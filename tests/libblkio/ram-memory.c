/* SPDX-License-Identifier: MIT */
/* A ram disk takes memory for the data written to it, not for its size, and
 * gives it back on discard and with the instance. */
#include <fcntl.h>

#include "tests/libblkio/blkio_test.h"

#define MIB (1024 * 1024)

static char buf[MIB];

static long resident_mib(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY);
	long total, resident;

	check(fd >= 0);
	check(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	check_int(sscanf(text, "%ld %ld", &total, &resident), 2);
	return resident * sysconf(_SC_PAGESIZE) / MIB;
}

int main(void)
{
	long before = resident_mib();
	struct blkio *b = test_start("ram", "size=17179869184"); /* 16 GiB */
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_extent e;

	check(resident_mib() - before < 8);
	memset(buf, 'x', sizeof(buf));
	for (uint64_t i = 0; i < 64; i++) {
		blkioq_write(q, i * 128 * MIB, buf, sizeof(buf), NULL, 0);
		check_int(test_result(q), 0);
	}
	check(resident_mib() - before >= 60);
	blkioq_discard(q, 0, UINT64_C(1) << 34, NULL, 0);
	check_int(test_result(q), 0);
	check(resident_mib() - before < 16);

	/* looking at a hole does not fill it */
	for (uint64_t i = 0; i < 64; i++) {
		blkioq_write_zeroes(q, i * 128 * MIB + 1, MIB, NULL, 0);
		check_int(test_result(q), 0);
	}
	blkioq_block_status(q, 0, UINT64_C(1) << 34, &e, 1, NULL, 0);
	check_int(test_result(q), 1);
	check_int(e.len, INT64_C(1) << 34);
	check(resident_mib() - before < 16);

	for (uint64_t i = 0; i < 64; i++) {
		blkioq_write(q, i * 128 * MIB, buf, sizeof(buf), NULL, 0);
		check_int(test_result(q), 0);
	}
	blkio_destroy(&b);
	check(resident_mib() - before < 16);
	return 0;
}
