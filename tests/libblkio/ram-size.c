/* SPDX-License-Identifier: MIT */
/* Disks of unusual size: empty, one byte, more than 32 bits can count;
 * one too large for the address space is an error. */
#include "tests/libblkio/blkio_test.h"

static void check_size(uint64_t size)
{
	struct blkio *b = test_create("ram", "");
	struct blkioq *q;
	char byte = 'x';

	check_ok(blkio_set_uint64(b, "size", size));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	check_int(test_u64(b, "capacity"), size);
	q = blkio_get_queue(b, 0);
	blkioq_write(q, size, &byte, 1, NULL, 0);
	check_int(test_result(q), -ENOSPC);
	if (size > 0) {
		blkioq_write(q, size - 1, &byte, 1, NULL, 0);
		check_int(test_result(q), 0);
		byte = 0;
		blkioq_read(q, size - 1, &byte, 1, NULL, 0);
		check_int(test_result(q), 0);
		check_int(byte, 'x');
	}
	blkio_destroy(&b);
}

int main(void)
{
	struct blkio *b;

	check_size(0);
	check_size(1);
	check_size(4097);
	check_size((UINT64_C(1) << 32) + 5);

	b = test_create("ram", "size=9223372036854775807");
	check_fails(blkio_connect(b), ENOMEM, "9223372036854775807 bytes");
	check_ok(blkio_set_uint64(b, "size", 1));
	check_ok(blkio_connect(b));
	blkio_destroy(&b);
	return 0;
}
