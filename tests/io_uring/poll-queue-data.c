/* SPDX-License-Identifier: MIT */
/*
 * What is written through a poll queue is on the disk, and reads see what is
 * there: one request at a time and more than the ring holds, in one buffer and
 * in vectors, within mapped memory and outside. Argument: a disk that polls,
 * or a file on one.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/uio.h>

#define UNIT 4096
#define REQUESTS 1000
#define BYTES ((size_t)REQUESTS * UNIT)

/* The bytes as everyone else sees them. */
static void check_on_disk(const char *path, uint64_t start, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf = buffer(len);

	check(fd >= 0);
	check_int(pread(fd, buf, len, (off_t)start), len);
	check(has_pattern(buf, start, len));
	close(fd);
	free(buf);
}

static void check_one_by_one(struct blkioq *q, char *buf)
{
	for (uint64_t at = 0; at < 64 * UNIT; at += UNIT) {
		fill_pattern(buf, at, UNIT);
		check_int(do_write(q, at, buf, UNIT,
				   at / UNIT % 4 ? 0 : BLKIO_REQ_FUA), 0);
		memset(buf, 0, UNIT);
		check_int(do_read(q, at, buf, UNIT), 0);
		check(has_pattern(buf, at, UNIT));
	}
}

/* Every request completes once. */
static void complete_all(struct blkioq *q, uint8_t *seen)
{
	struct blkio_completion c[7];

	for (int left = REQUESTS; left > 0;) {
		int n = blkioq_do_io(q, c, 1, 7, NULL);

		check(n >= 1 && n <= 7);
		for (int i = 0; i < n; i++) {
			check_int(c[i].ret, 0);
			(*(uint8_t *)c[i].user_data)++;
		}
		left -= n;
	}
	for (int i = 0; i < REQUESTS; i++)
		check_int(seen[i], 1);
	memset(seen, 0, REQUESTS);
}

/* Later ones first, so that nothing is merged or read ahead. */
static void check_deep(struct blkioq *q, const char *path, char *buf)
{
	static uint8_t seen[REQUESTS];

	fill_pattern(buf, 0, BYTES);
	for (size_t i = REQUESTS; i-- > 0;)
		blkioq_write(q, i * UNIT, buf + i * UNIT, UNIT, &seen[i], 0);
	complete_all(q, seen);
	check_on_disk(path, 0, BYTES);
	memset(buf, 0, BYTES);
	for (size_t i = REQUESTS; i-- > 0;)
		blkioq_read(q, i * UNIT, buf + i * UNIT, UNIT, &seen[i], 0);
	complete_all(q, seen);
	check(has_pattern(buf, 0, BYTES));
}

static void check_vectors(struct blkioq *q, const char *path, char *buf)
{
	const uint64_t start = BYTES;
	struct iovec iov[3] = {
		{ buf, UNIT }, { buf + UNIT, 5 * UNIT }, { buf + 6 * UNIT, 512 },
	};
	const size_t len = 6 * UNIT + 512;

	fill_pattern(buf, start, len);
	blkioq_writev(q, start, iov, 3, NULL, BLKIO_REQ_FUA);
	check_int(next_ret(q), 0);
	check_on_disk(path, start, len);
	memset(buf, 0, len);
	blkioq_readv(q, start, iov, 3, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(buf, start, len));
}

/* What the kernel refuses is told, and the queue goes on. */
static void check_refused(struct blkio *b, struct blkioq *q, char *buf)
{
	bool file;

	check_ok(blkio_get_bool(b, "can-grow", &file));
	check_int(do_read(q, 0, buf, 100), -EINVAL);
	check_int(do_read(q, 0, NULL, UNIT), -EFAULT);
	check_int(do_read(q, UINT64_C(1) << 40, buf, UNIT), file ? 0 : -EIO);
	check_int(do_read(q, 0, buf, UNIT), 0);
}

int main(int argc, char **argv)
{
	struct blkio_mem_region region;
	bool supported;
	char *outside = buffer(BYTES);
	struct blkioq *q;
	struct blkio *b;

	check_int(argc, 2);
	b = open_disk(argv[1], "direct=true", "num-poll-queues=1", NULL);
	check_ok(blkio_get_bool(b, "supports-poll-queues", &supported));
	check(supported);
	q = blkio_get_poll_queue(b, 0);
	check(q != NULL);
	check_int(blkioq_get_completion_fd(q), -1);
	check_ok(blkio_alloc_mem_region(b, &region, BYTES));
	check_ok(blkio_map_mem_region(b, &region));
	check_one_by_one(q, region.addr);
	check_deep(q, argv[1], outside);
	memset(outside, 0, BYTES);
	check_deep(q, argv[1], region.addr);
	check_vectors(q, argv[1], outside);
	check_vectors(q, argv[1], region.addr);
	check_refused(b, q, outside);
	blkio_destroy(&b);
	free(outside);
	return 0;
}
