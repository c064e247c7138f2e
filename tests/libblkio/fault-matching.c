/* SPDX-License-Identifier: MIT */
/* error-op: which requests fail, with which errno; the others are done. */
#include "tests/libblkio/request_test.h"

static const struct {
	const char *op;
	unsigned fails; /* 1 << enum kind */
} rows[] = {
	{"", 0},
	{"any", ~0u},
	{"read", 1 << READ | 1 << READV},
	{"write", 1 << WRITE | 1 << WRITEV},
	{"write-zeroes", 1 << WRITE_ZEROES},
	{"discard", 1 << DISCARD},
	{"flush", 1 << FLUSH},
	{"block-status", 1 << BLOCK_STATUS},
};

static void check_row(const char *driver, size_t row)
{
	static char buf[4096];
	struct iovec iov = {buf, sizeof(buf)};
	struct blkio *b = test_create(driver, "size=1048576 error-errno=28");
	struct blkio_completion c;
	struct blkioq *q;

	check_ok(blkio_set_str(b, "error-op", rows[row].op));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	q = blkio_get_queue(b, 0);
	for (int kind = 0; kind < NR_DATA_KINDS; kind++) {
		int ret = run_kind(q, kind, 0, &iov, 0, &c);

		if (rows[row].fails & 1u << kind)
			check_int(ret, -ENOSPC);
		else
			check_int(ret, kind == BLOCK_STATUS ? 1 : 0);
		check(!c.error_msg);
	}
	blkio_destroy(&b);
}

/* A write that fails has not changed the disk. */
static void check_not_done(void)
{
	struct blkio *b = test_start("ram", "size=4096 error-op=write");
	struct blkioq *q = blkio_get_queue(b, 0);
	char buf[512];

	memset(buf, 'x', sizeof(buf));
	blkioq_write(q, 0, buf, sizeof(buf), NULL, 0);
	check_int(test_result(q), -EIO);
	blkioq_read(q, 0, buf, sizeof(buf), NULL, 0);
	check_int(test_result(q), 0);
	check_int(buf[0], 0);
	blkio_destroy(&b);
}

static void check_values(void)
{
	struct blkio *b = test_create("null", "error-op=flush");
	char *op;

	check_fails(blkio_set_str(b, "error-op", "sleep"), EINVAL,
		    "error-op=sleep");
	check_ok(blkio_get_str(b, "error-op", &op));
	check_str(op, "flush");
	free(op);
	check_fails(blkio_set_int(b, "error-errno", 0), EINVAL, "from 1 to");
	check_fails(blkio_set_int(b, "error-errno", -5), EINVAL, "from 1 to");
	check_fails(blkio_set_int(b, "error-errno", 4096), EINVAL, "from 1");
	check_ok(blkio_set_int(b, "error-errno", 4095));
	blkio_destroy(&b);
}

int main(void)
{
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		check_row("null", row);
		check_row("ram", row);
	}
	check_not_done();
	check_values();
	return 0;
}
