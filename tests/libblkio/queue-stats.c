/* SPDX-License-Identifier: MIT */
/* A queue's statistics count what was fetched: by kind, bytes of what
 * succeeded, errors, and the most that was outstanding. */
#include "tests/libblkio/blkio_test.h"

static char buf[8192];

static void submit_some(struct blkioq *q)
{
	static struct iovec iov[2] = {{buf, 512}, {buf + 4096, 1024}};
	static struct blkio_extent extent;

	blkioq_read(q, 0, buf, 4096, NULL, 0);
	blkioq_write(q, 4096, buf, 8192, NULL, 0);
	blkioq_readv(q, 0, iov, 2, NULL, 0);
	blkioq_writev(q, 0, iov, 1, NULL, 0);
	blkioq_write_zeroes(q, 0, 65536, NULL, 0);
	blkioq_discard(q, 0, 65536, NULL, 0);
	blkioq_flush(q, NULL, 0);
	blkioq_block_status(q, 0, 4096, &extent, 1, NULL, 0);
	/* refused, out of range, wrong flag, bad iovcnt */
	blkioq_open_zone(q, 0, NULL, 0);
	blkioq_read(q, 1 << 20, buf, 4096, NULL, 0);
	blkioq_read(q, 0, buf, 4096, NULL, BLKIO_REQ_FUA);
	blkioq_writev(q, 0, iov, -1, NULL, 0);
}

int main(void)
{
	struct blkio *b = test_start("ram", "size=1048576");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion c[12];
	struct blkio_queue_stats stats;
	/* what the caller leaves in it must not shine through */
	struct blkio_queue_stats none = {0};

	memset(&stats, 0xff, sizeof(stats));
	blkioq_get_stats(q, &stats);
	check(memcmp(&stats, &none, sizeof(stats)) == 0);

	submit_some(q);
	blkioq_get_stats(q, &stats);
	check_int(stats.reads, 0); /* fetched is what counts */
	test_wait(q, c, 5);
	test_wait(q, c, 7);

	blkioq_get_stats(q, &stats);
	check_int(stats.reads, 4);
	check_int(stats.read_bytes, 4096 + 1536);
	check_int(stats.writes, 3);
	check_int(stats.write_bytes, 8192 + 512);
	check_int(stats.write_zeroes, 1);
	check_int(stats.discards, 1);
	check_int(stats.flushes, 1);
	check_int(stats.others, 2);
	check_int(stats.errors, 4);
	check_int(stats.max_outstanding, 12);

	/* what a call hands over counts, also when it fails */
	for (int i = 0; i < 14; i++)
		blkioq_read(q, 0, buf, 1, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	test_wait(q, c, 12);
	test_wait(q, c, 1);
	check_int(test_result(q), 0);
	blkioq_get_stats(q, &stats);
	check_int(stats.reads, 18);
	check_int(stats.max_outstanding, 14);
	blkio_destroy(&b);
	return 0;
}
