/* SPDX-License-Identifier: MIT */
/*
 * What write, writev and FUA writes put anywhere on a disk, read and readv
 * find there, and the disk's own file holds it. Arguments: file|loop, then
 * settings.
 */
#include "tests/io_uring/iou_test.h"

#define DISK_BYTES (4 * MIB)

static void vectors(struct blkioq *q, uint64_t start, size_t unit)
{
	char *out = buffer(8 * unit), *in = buffer(8 * unit);
	struct iovec w[3] = {
		{ out, unit }, { out + unit, 5 * unit }, { out + 6 * unit, 0 },
	};
	struct iovec r[2] = { { in, 2 * unit }, { in + 2 * unit, 4 * unit } };

	fill_pattern(out, start, 6 * unit);
	blkioq_writev(q, start, w, 3, NULL, BLKIO_REQ_FUA);
	check_int(next_ret(q), 0);
	blkioq_readv(q, start, r, 2, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(in, start, 6 * unit));
	check(all_zero(in + 6 * unit, 2 * unit));
	/* a vector of one, and of none */
	memset(in, 0, unit);
	blkioq_readv(q, start, r, 1, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(in, start, 2 * unit));
	blkioq_readv(q, start, NULL, 0, NULL, 0);
	check_int(next_ret(q), 0);
	free(out);
	free(in);
}

static void buffers(struct blkioq *q, uint64_t start, size_t len)
{
	char *out = buffer(len), *in = buffer(len);

	fill_pattern(out, start, len);
	check_int(do_write(q, start, out, len, 0), 0);
	check_int(do_read(q, start, in, len), 0);
	check(has_pattern(in, start, len));
	free(out);
	free(in);
}

int main(int argc, char **argv)
{
	bool direct = argc > 2 && strcmp(argv[2], "direct=true") == 0;
	const char *path = temp_disk(2, argv, DISK_BYTES);
	struct blkio *b = open_disk(path, direct ? argv[2] : NULL, NULL);
	struct blkioq *q = queue_of(b);
	size_t unit = direct ? 4096 : 1000;
	char *in = buffer(unit);
	int fd;

	buffers(q, 0, unit);
	buffers(q, 17 * unit, 3 * unit);
	buffers(q, DISK_BYTES - 4096, 4096);
	buffers(q, MIB, 2 * MIB);
	vectors(q, 40 * unit, unit);
	check_int(do_write(q, 0, in, 0, 0), 0);
	check_int(do_read(q, 0, in, 0), 0);
	check_int(do_flush(q), 0);
	blkio_destroy(&b);

	fd = open(path, O_RDONLY);
	check_int(pread(fd, in, unit, (off_t)(18 * unit)), unit);
	check(has_pattern(in, 18 * unit, unit));
	close(fd);
	free(in);
	return 0;
}
