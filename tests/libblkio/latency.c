/* SPDX-License-Identifier: MIT */
/* latency-us: a request completes no sooner, those of a batch together, and
 * a later batch later. */
#include "tests/libblkio/blkio_test.h"

#define LATENCY_MS 20

static void check_queue(struct blkioq *q)
{
	int64_t began_ns = clock_now_ns(), later_ns;
	struct blkio_completion c[8];
	int n;

	for (uintptr_t i = 0; i < 4; i++)
		blkioq_flush(q, (void *)i, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	while (clock_now_ns() - began_ns < LATENCY_MS / 2 * NS_PER_MS)
		check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	later_ns = clock_now_ns();
	blkioq_flush(q, (void *)4, 0);

	n = blkioq_do_io(q, c, 1, 8, NULL);
	check(clock_now_ns() - began_ns >= LATENCY_MS * NS_PER_MS);
	check(n >= 4);
	for (int i = 0; i < 4; i++)
		check(c[i].user_data == (void *)(uintptr_t)i);
	if (n == 4) { /* else the machine was slow */
		check_int(blkioq_do_io(q, c, 1, 8, NULL), 1);
		check(c[0].user_data == (void *)4);
	}
	check(clock_now_ns() - later_ns >= LATENCY_MS * NS_PER_MS);
}

int main(void)
{
	struct blkio *b = test_start("ram", "size=4096 latency-us=20000");

	check_int(blkio_add_poll_queue(b), 0);
	check_queue(blkio_get_queue(b, 0));
	check_queue(blkio_get_poll_queue(b, 0));
	blkio_destroy(&b);

	b = test_create("null", "");
	check_fails(blkio_set_uint64(b, "latency-us", 3600000001), EINVAL,
		    "must be at most");
	blkio_destroy(&b);
	return 0;
}
