/* SPDX-License-Identifier: MIT */
/*
 * Two queues of one instance carry requests on two threads at once, without
 * a lock, each seeing its own completions; block status as well.
 */
#include "tests/io_uring/iou_test.h"

#include <pthread.h>

#define ROUNDS 300
#define DEPTH 16
#define UNIT 4096

struct half {
	struct blkioq *q;
	uint64_t start;
};

static void wait_all(struct blkioq *q)
{
	struct blkio_completion c[DEPTH];

	check_int(blkioq_do_io(q, c, DEPTH, DEPTH, NULL), DEPTH);
	for (int i = 0; i < DEPTH; i++)
		check_int(c[i].ret, c[i].user_data ? 1 : 0);
}

static void *use_half(void *arg)
{
	const struct half *half = arg;
	char *out = buffer(DEPTH * UNIT), *in = buffer(DEPTH * UNIT);
	struct blkio_extent e[DEPTH];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = half->start + (uint64_t)(round % 8) * DEPTH *
				 UNIT;

		fill_pattern(out, start + (uint64_t)round, DEPTH * UNIT);
		for (int i = 0; i < DEPTH; i++)
			blkioq_write(half->q, start + i * UNIT, out + i * UNIT,
				     UNIT, NULL, 0);
		wait_all(half->q);
		for (int i = 0; i < DEPTH; i++)
			blkioq_read(half->q, start + i * UNIT, in + i * UNIT,
				    UNIT, NULL, 0);
		wait_all(half->q);
		check(memcmp(in, out, DEPTH * UNIT) == 0);
		for (int i = 0; i < DEPTH; i++)
			blkioq_block_status(half->q, start, UNIT, &e[i], 1, out,
					    0);
		wait_all(half->q);
	}
	free(out);
	free(in);
	return NULL;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(4 * MIB), "num-queues=2", NULL);
	struct half halves[2] = {
		{ blkio_get_queue(b, 0), 0 },
		{ blkio_get_queue(b, 1), 2 * MIB },
	};
	pthread_t thread;

	check(halves[0].q != halves[1].q);
	check_int(pthread_create(&thread, NULL, use_half, &halves[1]), 0);
	use_half(&halves[0]);
	check_int(pthread_join(thread, NULL), 0);
	blkio_destroy(&b);
	return 0;
}
