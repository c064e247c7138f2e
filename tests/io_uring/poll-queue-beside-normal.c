/* SPDX-License-Identifier: MIT */
/*
 * Poll queues and others work side by side on one disk, each with a thread of
 * its own; one sees what another has written; they come and go while the rest
 * work. Argument: a disk that polls, or a file on one.
 */
#include "tests/io_uring/iou_test.h"

#include <pthread.h>

#define UNIT 4096
#define DEPTH 32
#define ROUNDS 20
#define WORKERS 3

struct worker {
	pthread_t thread;
	struct blkioq *q;
	uint64_t start; /* of its DEPTH units, bytes */
};

static void complete(struct blkioq *q)
{
	struct blkio_completion c[DEPTH];

	check_int(blkioq_do_io(q, c, DEPTH, DEPTH, NULL), DEPTH);
	for (int i = 0; i < DEPTH; i++)
		check_int(c[i].ret, 0);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	char *buf = buffer(DEPTH * UNIT);

	for (int round = 0; round < ROUNDS; round++) {
		fill_pattern(buf, w->start + (uint64_t)round, DEPTH * UNIT);
		for (size_t at = 0; at < DEPTH * UNIT; at += UNIT)
			blkioq_write(w->q, w->start + at, buf + at, UNIT, NULL,
				     0);
		complete(w->q);
		memset(buf, 0, DEPTH * UNIT);
		for (size_t at = 0; at < DEPTH * UNIT; at += UNIT)
			blkioq_read(w->q, w->start + at, buf + at, UNIT, NULL,
				    0);
		complete(w->q);
		check(has_pattern(buf, w->start + (uint64_t)round,
				  DEPTH * UNIT));
	}
	free(buf);
	return NULL;
}

/* Queues that nobody has used yet, added and removed; indices are reused. */
static void add_and_remove(struct blkio *b)
{
	char *buf = buffer(UNIT);

	for (int i = 0; i < 10; i++) {
		check_int(blkio_add_poll_queue(b), 2);
		check_int(do_read(blkio_get_poll_queue(b, 2), 0, buf, UNIT), 0);
		check_ok(blkio_remove_poll_queue(b, 2));
		check(blkio_get_poll_queue(b, 2) == NULL);
	}
	check_int(blkio_remove_poll_queue(b, 2), -ENOENT);
	free(buf);
}

int main(int argc, char **argv)
{
	struct worker workers[WORKERS];
	char *buf = buffer(WORKERS * DEPTH * UNIT);
	int poll_queue;
	struct blkioq *q;
	struct blkio *b;

	check_int(argc, 2);
	b = open_disk(argv[1], "direct=true", "num-queues=1",
		      "num-poll-queues=2", NULL);
	for (int i = 0; i < WORKERS; i++) {
		workers[i].start = (uint64_t)i * DEPTH * UNIT;
		workers[i].q = i < 2 ? blkio_get_poll_queue(b, i) : queue_of(b);
		check_int(pthread_create(&workers[i].thread, NULL, work,
					 &workers[i]), 0);
	}
	add_and_remove(b);
	for (int i = 0; i < WORKERS; i++)
		check_int(pthread_join(workers[i].thread, NULL), 0);

	/* fresh queues, since a single issuer's have their threads */
	poll_queue = blkio_add_poll_queue(b);
	check_int(poll_queue, 2);
	q = blkio_get_poll_queue(b, poll_queue);
	check_int(do_read(q, 0, buf, WORKERS * DEPTH * UNIT), 0);
	for (int i = 0; i < WORKERS; i++)
		check(has_pattern(buf + workers[i].start,
				  workers[i].start + ROUNDS - 1, DEPTH * UNIT));
	check_int(blkio_add_queue(b), 1);
	q = blkio_get_queue(b, 1);
	check_int(do_flush(q), 0);
	check_int(do_write_zeroes(q, 0, UNIT, 0), 0);
	check_int(do_read(blkio_get_poll_queue(b, poll_queue), 0, buf, UNIT),
		  0);
	check(all_zero(buf, UNIT));
	blkio_destroy(&b);
	free(buf);
	return 0;
}
