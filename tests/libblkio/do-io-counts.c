/* SPDX-License-Identifier: MIT */
/* do_io returns as soon as min requests are complete, never more than max,
 * and every request exactly once. */
#include "tests/libblkio/blkio_test.h"

#define NR 1000

static void check_queue(struct blkioq *q)
{
	static bool seen[NR];
	struct blkio_completion c[64];
	static char buf[64];
	int submitted = 0, fetched = 0;

	memset(seen, 0, sizeof(seen));
	for (int round = 0; fetched < NR; round++) {
		int max = round * 7 % 64 + 1, min, n;

		for (int i = 0; i < round * 13 % 50 && submitted < NR; i++)
			blkioq_read(q, 0, buf, 64, &seen[submitted++], 0);
		min = MIN(submitted - fetched, round * 5 % max);
		n = blkioq_do_io(q, c, min, max, NULL);
		check(n >= min && n <= max);
		for (int i = 0; i < n; i++) {
			bool *which = c[i].user_data;

			check_int(c[i].ret, 0);
			check(!*which);
			*which = true;
		}
		fetched += n;
	}
	for (int i = 0; i < NR; i++)
		check(seen[i]);
}

int main(void)
{
	static const char *const props[] = {
		"size=64",
		"size=64 queue-depth=5",
		"size=64 latency-us=20",
		"size=64 latency-us=20 queue-depth=5",
	};

	for (size_t i = 0; i < ARRAY_SIZE(props); i++) {
		struct blkio *b = test_start("null", props[i]);

		check_int(blkio_add_poll_queue(b), 0);
		check_queue(blkio_get_queue(b, 0));
		check_queue(blkio_get_poll_queue(b, 0));
		blkio_destroy(&b);
	}
	return 0;
}
