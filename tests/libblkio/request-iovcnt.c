/* SPDX-License-Identifier: MIT */
/* Vectors: a negative count is told before wrong flags, 0 entries are good,
 * the most entries are max-segments, and lengths must not overflow. */
#include "tests/libblkio/blkio_test.h"

static char buf[1025 * 16], back[1025 * 16];
static struct iovec iov[1025];

static int run(struct blkioq *q, int iovcnt, uint32_t flags, bool write,
	       struct blkio_completion *c)
{
	if (write)
		blkioq_writev(q, 0, iov, iovcnt, NULL, flags);
	else
		blkioq_readv(q, 0, iov, iovcnt, NULL, flags);
	test_wait(q, c, 1);
	return c->ret;
}

static void check_driver(const char *driver)
{
	const char *text = "iovcnt must be non-negative and fit in a signed "
			   "32-bit integer";
	struct blkio *b = test_start(driver, "size=1048576");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion c;

	for (int write = 0; write <= 1; write++) {
		check_int(run(q, -1, 0, write, &c), -EINVAL);
		check_str(c.error_msg, text);
		check_int(run(q, INT_MIN, ~0u, write, &c), -EINVAL);
		check_str(c.error_msg, text);
		for (int i = 0; i < 1025; i++)
			iov[i] = (struct iovec){buf + 16 * i, 16};
		check_int(run(q, 0, 0, write, &c), 0);
		check_int(run(q, 1024, 0, write, &c), 0);
		check_int(run(q, 1025, 0, write, &c), -EINVAL);
		check_str(c.error_msg, "iovcnt exceeds max-segments");
		iov[0].iov_len = iov[1].iov_len = SIZE_MAX / 2 + 1;
		check_int(run(q, 2, 0, write, &c), -EINVAL);
		check_str(c.error_msg, "length of the iovec overflows");
	}
	blkio_destroy(&b);
}

/* Uneven pieces, empty ones among them, carry the right bytes. */
static void check_data(void)
{
	struct blkio *b = test_start("ram", "size=1048576");
	struct blkioq *q = blkio_get_queue(b, 0);
	size_t at = 0;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = i * 7 + i / 256;
	for (int i = 0; i < 32; i++) {
		iov[i] = (struct iovec){buf + at, i * 11 % 97};
		at += iov[i].iov_len;
	}
	blkioq_writev(q, 1000, iov, 32, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_read(q, 1000, back, at, NULL, 0);
	check_int(test_result(q), 0);
	check_int(memcmp(back, buf, at), 0);
	memset(buf, 0, sizeof(buf));
	blkioq_readv(q, 1000, iov, 32, NULL, 0);
	check_int(test_result(q), 0);
	check_int(memcmp(back, buf, at), 0);
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null");
	check_driver("ram");
	check_data();
	return 0;
}
