/* SPDX-License-Identifier: MIT */
/* Each limit that a synthetic driver announces is enforced: at the limit a
 * request is done, one past it is refused with a text that names the limit. */
#include "tests/libblkio/request_test.h"

static char mem[16384] __attribute__((aligned(4096)));

#define ALL_DATA                                             \
	(1 << READ | 1 << READV | 1 << WRITE | 1 << WRITEV | \
	 1 << WRITE_ZEROES | 1 << DISCARD)
#define TRANSFERS (1 << READ | 1 << READV | 1 << WRITE | 1 << WRITEV)

static const struct row {
	const char *props;
	unsigned kinds; /* 1 << enum kind: those concerned; others are done */
	uint64_t start;
	size_t len, buf_offset;
	const char *text; /* NULL: done */
} rows[] = {
	{"request-alignment=512", ALL_DATA, 512, 512, 1, NULL},
	{"request-alignment=512", ALL_DATA, 256, 512, 0, "request-alignment"},
	{"request-alignment=512", ALL_DATA, 512, 500, 0, "request-alignment"},
	{"request-alignment=3", ALL_DATA, 9, 6, 0, NULL},
	{"request-alignment=3", ALL_DATA, 9, 7, 0, "request-alignment"},
	{"request-alignment=-4", ALL_DATA, 9, 7, 0, NULL},
	{"buf-alignment=64", TRANSFERS, 1, 64, 64, NULL},
	{"buf-alignment=64", TRANSFERS, 0, 64, 32, "buf-alignment"},
	{"buf-alignment=64", TRANSFERS, 0, 63, 0, "buf-alignment"},
	{"max-transfer=4096", TRANSFERS, 0, 4096, 0, NULL},
	{"max-transfer=4096", TRANSFERS, 0, 4097, 0, "max-transfer"},
	{"max-segment-len=1000", TRANSFERS, 0, 1000, 0, NULL},
	{"max-segment-len=1000", TRANSFERS, 0, 1001, 0, "max-segment-len"},
	{"max-write-zeroes-len=4096", 1 << WRITE_ZEROES, 0, 4096, 0, NULL},
	{"max-write-zeroes-len=4096", 1 << WRITE_ZEROES, 0, 4097, 0,
	 "max-write-zeroes-len"},
	{"max-discard-len=4096", 1 << DISCARD, 0, 4096, 0, NULL},
	{"max-discard-len=4096", 1 << DISCARD, 0, 4097, 0, "max-discard-len"},
	{"discard-alignment=512", 1 << DISCARD, 1024, 512, 0, NULL},
	{"discard-alignment=512", 1 << DISCARD, 1025, 512, 0,
	 "discard-alignment"},
	{"discard-alignment=512", 1 << DISCARD, 512, 513, 0,
	 "discard-alignment"},
	{"discard-alignment=4096 discard-alignment-offset=512", 1 << DISCARD,
	 4608, 4096, 0, NULL},
	{"discard-alignment=4096 discard-alignment-offset=512", 1 << DISCARD,
	 4096, 4096, 0, "discard-alignment"},
};

static void check_row(const char *driver, const struct row *row)
{
	struct blkio *b = test_start(driver, row->props);
	struct blkioq *q = blkio_get_queue(b, 0);
	struct iovec iov = {mem + row->buf_offset, row->len};
	struct blkio_completion c;

	for (int kind = 0; kind < NR_DATA_KINDS; kind++) {
		int ret = run_kind(q, kind, row->start, &iov, 0, &c);

		if (row->text && row->kinds & 1u << kind) {
			check_int(ret, -EINVAL);
			check_contains(c.error_msg, row->text);
		} else {
			check(ret >= 0);
			check(!c.error_msg);
		}
	}
	blkio_destroy(&b);
}

/* What counts is each segment, the sum, and how many there are. */
static void check_vectors(void)
{
	struct blkio *b =
		test_start("null", "max-segments=3 max-transfer=4096 "
				   "max-segment-len=2048 buf-alignment=512");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct iovec iov[4] = {
		{mem, 512},
		{mem + 512, 2048},
		{mem, 1536},
		{mem, 0},
	};

	blkioq_readv(q, 0, iov, 3, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_readv(q, 0, iov, 4, NULL, 0);
	check_int(test_result(q), -EINVAL);
	iov[2].iov_len = 2048;
	blkioq_writev(q, 0, iov, 3, NULL, 0);
	check_int(test_result(q), -EINVAL);
	iov[2].iov_len = 1024;
	iov[1].iov_base = mem + 256;
	blkioq_writev(q, 0, iov, 3, NULL, 0);
	check_int(test_result(q), -EINVAL);
	iov[1].iov_base = mem;
	iov[1].iov_len = 2560;
	blkioq_writev(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), -EINVAL);
	blkio_destroy(&b);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row("null", &rows[i]);
		check_row("ram", &rows[i]);
	}
	check_vectors();
	return 0;
}
