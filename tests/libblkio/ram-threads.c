/* SPDX-License-Identifier: MIT */
/* Queues of one ram disk on several threads: each writes, zeroes, discards
 * and reads its own bytes of shared pages, while the disk is resized beyond
 * them. Nobody disturbs anybody. */
#include <pthread.h>

#include "tests/libblkio/blkio_test.h"

#define NR_THREADS 4
#define PIECE 3000 /* bytes; not a page, so that pages are shared */
#define STRIDE (NR_THREADS * PIECE)
#define NR_PIECES 16
#define ROUNDS 300

struct worker {
	struct blkioq *q;
	int number;
	pthread_t thread;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	char data[PIECE], back[PIECE];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start =
			round * 7 % NR_PIECES * STRIDE + w->number * PIECE;

		memset(data, round, PIECE);
		blkioq_write(w->q, start, data, PIECE, NULL, 0);
		check_int(test_result(w->q), 0);
		blkioq_read(w->q, start, back, PIECE, NULL, 0);
		check_int(test_result(w->q), 0);
		check_int(memcmp(back, data, PIECE), 0);
		if (round % 3 == 0)
			blkioq_write_zeroes(w->q, start, PIECE, NULL, 0);
		else
			blkioq_discard(w->q, start, PIECE, NULL, 0);
		check_int(test_result(w->q), 0);
		blkioq_read(w->q, start, back, PIECE, NULL, 0);
		check_int(test_result(w->q), 0);
		memset(data, 0, PIECE);
		check_int(memcmp(back, data, PIECE), 0);
	}
	return NULL;
}

int main(void)
{
	const uint64_t size = NR_PIECES * STRIDE;
	struct blkio *b = test_create("ram", "");
	struct worker w[NR_THREADS];

	check_ok(blkio_set_uint64(b, "size", size));
	check_ok(blkio_connect(b));
	check_ok(blkio_set_int(b, "num-queues", NR_THREADS));
	check_ok(blkio_start(b));
	for (int i = 0; i < NR_THREADS; i++) {
		w[i].q = blkio_get_queue(b, i);
		w[i].number = i;
		check_int(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < 200; i++)
		check_ok(blkio_resize(b, size + i % 7 * 4096 + i));
	for (int i = 0; i < NR_THREADS; i++)
		check_int(pthread_join(w[i].thread, NULL), 0);
	blkio_destroy(&b);
	return 0;
}
