/* SPDX-License-Identifier: MIT */
/* On null and ram, a request without the memory that it needs is -EFAULT and
 * touches nothing, limits or none; one of no bytes needs no memory. */
#include "tests/libblkio/request_test.h"

static struct blkioq *q;

/* A transfer of one buffer and, as the second segment, of len bytes at buf. */
static void check_pieces(void *buf, size_t len, int ret)
{
	char ok[512] = "untouched";
	struct iovec iov[2] = {{ok, sizeof(ok)}, {buf, len}};

	blkioq_read(q, 0, buf, len, NULL, 0);
	check_int(test_result(q), ret);
	blkioq_write(q, 0, buf, len, NULL, 0);
	check_int(test_result(q), ret);
	blkioq_readv(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), ret);
	if (ret < 0)
		check_str(ok, "untouched");
	blkioq_writev(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), ret);
}

static void check_vectors(int iovcnt, int ret)
{
	blkioq_readv(q, 0, NULL, iovcnt, NULL, 0);
	check_int(test_result(q), ret);
	blkioq_writev(q, 0, NULL, iovcnt, NULL, 0);
	check_int(test_result(q), ret);
}

static void check_driver(const char *driver, const char *props)
{
	struct blkio *b = test_start(driver, props);
	struct blkio_completion c;

	q = blkio_get_queue(b, 0);
	check_pieces(NULL, 512, -EFAULT);
	check_pieces(NULL, 0, 0);
	check_vectors(1, -EFAULT);
	check_vectors(1000, -EFAULT);
	check_vectors(0, 0);
	blkioq_block_status(q, 0, 4096, NULL, 1, NULL, 0);
	test_wait(q, &c, 1);
	check_int(c.ret, -EFAULT);
	check_contains(c.error_msg, "NULL");
	blkio_destroy(&b);
}

int main(void)
{
	/* few limits, and those that have every request looked at closely */
	static const char *const props[] = {
		"size=1048576",
		"size=1048576 request-alignment=512 max-transfer=65536",
		"size=1048576 latency-us=100",
	};

	for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
		check_driver("null", props[i]);
		check_driver("ram", props[i]);
	}
	check_driver("null", "read-zeroes=false");
	return 0;
}
