/* SPDX-License-Identifier: MIT */
/*
 * Writing past the end of a file grows it, and the capacity with it; what
 * lies between reads as zeroes.
 */
#include "tests/io_uring/iou_test.h"

int main(void)
{
	const char *path = temp_file(4096);
	struct blkio *b = open_disk(path, NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(MIB);
	bool can_grow;

	check_ok(blkio_get_bool(b, "can-grow", &can_grow));
	check(can_grow);
	check_int(capacity_of(b), 4096);
	fill_pattern(buf, MIB, 5000);
	check_int(do_write(q, MIB, buf, 5000, 0), 0);
	check_int(capacity_of(b), MIB + 5000);
	check_int(size_of(path), MIB + 5000);
	memset(buf, 0xee, MIB);
	check_int(do_read(q, 0, buf, MIB), 0);
	check(all_zero(buf, MIB));
	blkio_destroy(&b);
	free(buf);
	return 0;
}
