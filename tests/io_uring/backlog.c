/* SPDX-License-Identifier: MIT */
/*
 * Thousands of requests at once all complete, each once, whatever the ring's
 * size. Argument: num-entries.
 */
#include "tests/io_uring/iou_test.h"

#define REQUESTS 5000
#define UNIT 512

int main(int argc, char **argv)
{
	static uint8_t seen[REQUESTS];
	static struct blkio_completion c[REQUESTS];
	char *buf = buffer(REQUESTS * UNIT);
	char *zeroes = buffer(REQUESTS * UNIT);
	struct blkio *b;
	struct blkioq *q;
	char setting[32];

	snprintf(setting, sizeof(setting), "num-entries=%s", argv[1]);
	b = open_disk(temp_file(REQUESTS * UNIT), setting, NULL);
	q = queue_of(b);
	fill_pattern(buf, 0, REQUESTS * UNIT);
	for (int i = 0; i < REQUESTS; i++)
		blkioq_write(q, (uint64_t)i * UNIT, buf + i * UNIT, UNIT,
			     &seen[i], 0);
	check_int(blkioq_do_io(q, c, REQUESTS, REQUESTS, NULL), REQUESTS);
	for (int i = 0; i < REQUESTS; i++) {
		check_int(c[i].ret, 0);
		(*(uint8_t *)c[i].user_data)++;
	}
	for (int i = 0; i < REQUESTS; i++) {
		check_int(seen[i], 1);
		blkioq_read(q, (uint64_t)i * UNIT, zeroes + i * UNIT, UNIT,
			    &seen[i], 0);
	}
	/* a few at a time */
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
		check_int(seen[i], 2);
	check(has_pattern(zeroes, 0, REQUESTS * UNIT));
	blkio_destroy(&b);
	free(buf);
	free(zeroes);
	return 0;
}
