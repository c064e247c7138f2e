/* SPDX-License-Identifier: MIT */
/*
 * Reading across or beyond the end of a file gives zeroes for what isn't
 * there, in buffers and in vectors, whatever the buffer held; O_DIRECT too,
 * where the file ends within a block. Argument: settings.
 */
#include "tests/io_uring/iou_test.h"

#define FILE_BYTES 10000
#define UNIT 4096 /* also a valid length with O_DIRECT */

int main(int argc, char **argv)
{
	const char *path = temp_file(FILE_BYTES);
	struct blkio *b = open_disk(path, argv[1], NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(8 * UNIT);
	struct iovec iov[3] = {
		{ buf, UNIT }, { buf + UNIT, UNIT }, { buf + 2 * UNIT, UNIT },
	};
	int fd = open(path, O_WRONLY);

	fill_pattern(buf, 0, FILE_BYTES);
	check_int(write(fd, buf, FILE_BYTES), FILE_BYTES);
	check_int(fsync(fd), 0);
	close(fd);

	memset(buf, 0xee, 8 * UNIT);
	check_int(do_read(q, 0, buf, 7 * UNIT), 0);
	check(has_pattern(buf, 0, FILE_BYTES));
	check(all_zero(buf + FILE_BYTES, 7 * UNIT - FILE_BYTES));
	check_int((uint8_t)buf[7 * UNIT], 0xee);

	memset(buf, 0xee, 8 * UNIT);
	blkioq_readv(q, 2 * UNIT, iov, 3, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(buf, 2 * UNIT, FILE_BYTES - 2 * UNIT));
	check(all_zero(buf + FILE_BYTES - 2 * UNIT, 5 * UNIT - FILE_BYTES));

	memset(buf, 0xee, 8 * UNIT);
	check_int(do_read(q, 64 * UNIT, buf, UNIT), 0);
	check(all_zero(buf, UNIT));
	blkioq_readv(q, INT64_C(1) << 40, iov + 1, 2, NULL, 0);
	check_int(next_ret(q), 0);
	check(all_zero(buf + UNIT, 2 * UNIT));

	check_int(capacity_of(b), FILE_BYTES);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
