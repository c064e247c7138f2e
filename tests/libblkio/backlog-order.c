/* SPDX-License-Identifier: MIT */
/* What the driver has no room for waits in the library and goes in later, in
 * its order. A full queue is no error, and one do_io can wait for all. */
#include "tests/libblkio/blkio_test.h"

#define NR 500
#define DEPTH 3

static void check_all_at_once(const char *props)
{
	struct blkio *b = test_start("null", props);
	struct blkioq *q = blkio_get_queue(b, 0);
	static struct blkio_completion c[NR];
	static char buf[512];

	for (uintptr_t i = 0; i < NR; i++)
		blkioq_write(q, 512 * i, buf, 512, (void *)i, 0);
	test_wait(q, c, NR);
	for (uintptr_t i = 0; i < NR; i++) {
		check_int(c[i].ret, 0);
		check((uintptr_t)c[i].user_data == i);
	}
	blkio_destroy(&b);
}

/* Each do_io refills: a later one finds more, without further submissions. */
static void check_bit_by_bit(void)
{
	struct blkio *b = test_start("null", "queue-depth=3");
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion c[NR];
	int fetched = 0, calls = 0;

	for (int i = 0; i < 30; i++)
		blkioq_flush(q, NULL, 0);
	while (fetched < 30) {
		int n = blkioq_do_io(q, c, 0, NR, NULL);

		check(n > 0);
		fetched += n;
		calls++;
	}
	check(calls > 1);
	check_int(blkioq_do_io(q, c, 0, NR, NULL), 0);
	blkio_destroy(&b);
}

/* The user waits by the completion fd alone: refilling signals as well. */
static void check_by_fd(const char *props)
{
	struct blkio *b = test_start("null", props);
	struct blkioq *q = blkio_get_queue(b, 0);
	int fd = blkioq_get_completion_fd(q), fetched = 0;
	struct blkio_completion c[NR];

	blkioq_set_completion_fd_enabled(q, true);
	for (int i = 0; i < 30; i++)
		blkioq_flush(q, NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	while (fetched < 30) {
		check(test_readable(fd, TEST_TIMEOUT_S * 1000));
		test_consume(fd);
		for (;;) {
			int n = blkioq_do_io(q, c, 0, NR, NULL);

			check(n >= 0);
			fetched += n;
			if (n == 0)
				break;
		}
	}
	blkio_destroy(&b);
}

int main(void)
{
	check_all_at_once("queue-depth=3");
	check_all_at_once("queue-depth=1");
	check_all_at_once("queue-depth=3 latency-us=10");
	check_bit_by_bit();
	check_by_fd("queue-depth=3");
	check_by_fd("queue-depth=3 latency-us=100");
	return 0;
}
