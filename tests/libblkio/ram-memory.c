/* SPDX-License-Identifier: MIT */
/* A ram disk takes memory for the data written to it, not for its size, and
 * gives it back on discard. */
#include "tests/libblkio/blkio_test.h"

#define MIB (1024 * 1024)
#define SIZE (UINT64_C(1) << 30)
#define NR 16 /* pieces of a MiB, far from each other */

static char buf[MIB];
static struct blkioq *q;

#define SOME_KIB 64 /* for what the driver needs to know about the disk */

/* Memory that the disk takes. Its mapping is told by its size; the kernel may
 * have merged it with what the driver knows about the disk. */
static unsigned long resident_kib(void)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long size = 0, resident = 0, total = 0;
	char line[512];
	bool found = false;

	check(f);
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "Size: %lu kB", &size);
		if (sscanf(line, "Rss: %lu kB", &resident) == 1 &&
		    size >= SIZE / 1024 && size < SIZE / 1024 * 5 / 4) {
			total += resident;
			found = true;
		}
	}
	fclose(f);
	check(found);
	return total;
}

static void write_pieces(void)
{
	memset(buf, 'x', sizeof(buf));
	for (uint64_t i = 0; i < NR; i++) {
		blkioq_write(q, i * SIZE / NR, buf, MIB, NULL, 0);
		check_int(test_result(q), 0);
	}
}

int main(void)
{
	struct blkio *b = test_start("ram", "size=1073741824");
	struct blkio_extent e;

	q = blkio_get_queue(b, 0);
	check(resident_kib() <= SOME_KIB);
	write_pieces();
	check(resident_kib() >= NR * 1024);
	blkioq_discard(q, 0, SIZE, NULL, 0);
	check_int(test_result(q), 0);
	check(resident_kib() <= SOME_KIB);

	/* neither zeroes nor a look at them fill a hole */
	for (uint64_t i = 0; i < NR; i++) {
		blkioq_write_zeroes(q, i * SIZE / NR + 1, MIB, NULL, 0);
		check_int(test_result(q), 0);
	}
	blkioq_block_status(q, 0, SIZE, &e, 1, NULL, 0);
	check_int(test_result(q), 1);
	check_int(e.len, SIZE);
	check(resident_kib() <= SOME_KIB);

	write_pieces();
	blkioq_write_zeroes(q, 0, SIZE, NULL, 0);
	check_int(test_result(q), 0);
	check(resident_kib() <= SOME_KIB);
	write_pieces();
	check_ok(blkio_resize(b, 4096));
	check(resident_kib() <= SOME_KIB);
	blkio_destroy(&b);
	return 0;
}
