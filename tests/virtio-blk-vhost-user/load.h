/* SPDX-License-Identifier: MIT */
/*
 * Load on a queue from a thread of its own, of requests that all succeed: one
 * at a time on each block, each completing once. What was written is known, and
 * is found again in the end.
 */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include <poll.h>
#include <pthread.h>

#include "tests/libblkio/blkio_test.h"

#define LOAD_BLOCK 4096
#define LOAD_DEPTH 128 /* blocks at work */

enum load_way { LOAD_FD, LOAD_BLOCKED, LOAD_POLLED };

struct load {
	struct blkioq *q;
	char *buf;	/* LOAD_DEPTH blocks, mapped */
	uint64_t first; /* bytes into the disk: where they are */
	enum load_way way;
	pthread_t thread;
	unsigned seed;
	bool stop;	    /* atomic */
	unsigned completed; /* atomic */
	unsigned in_flight;
	struct {
		unsigned char byte; /* that the block is full of */
		unsigned char next; /* once the request is complete */
		bool busy, reads;
	} blocks[LOAD_DEPTH];
};

static inline void load_submit(struct load *l, int i)
{
	char *buf = l->buf + i * LOAD_BLOCK;
	uint64_t start = l->first + (uint64_t)i * LOAD_BLOCK;
	void *user_data = (void *)(intptr_t)i;
	unsigned kind = rand_r(&l->seed) % 8;

	l->blocks[i].busy = true;
	l->blocks[i].reads = kind == 0;
	l->blocks[i].next = l->blocks[i].byte;
	l->in_flight++;
	if (kind == 0) {
		memset(buf, ~l->blocks[i].byte, LOAD_BLOCK);
		blkioq_read(l->q, start, buf, LOAD_BLOCK, user_data, 0);
		return;
	}
	l->blocks[i].next = kind == 1 ? 0 : 1 + rand_r(&l->seed) % 255;
	if (kind == 1) {
		blkioq_write_zeroes(l->q, start, LOAD_BLOCK, user_data, 0);
		return;
	}
	memset(buf, l->blocks[i].next, LOAD_BLOCK);
	blkioq_write(l->q, start, buf, LOAD_BLOCK, user_data,
		     kind == 2 ? BLKIO_REQ_FUA : 0);
}

static inline void load_check_block(const struct load *l, int i)
{
	const unsigned char *p = (unsigned char *)l->buf + i * LOAD_BLOCK;

	check_int(p[0], l->blocks[i].byte);
	check(memcmp(p, p + 1, LOAD_BLOCK - 1) == 0);
}

static inline void load_completed(struct load *l,
				  const struct blkio_completion *c)
{
	int i = (intptr_t)c->user_data;

	check_int(c->ret, 0);
	check(i >= 0 && i < LOAD_DEPTH && l->blocks[i].busy);
	l->blocks[i].busy = false;
	l->in_flight--;
	l->blocks[i].byte = l->blocks[i].next;
	if (l->blocks[i].reads)
		load_check_block(l, i);
	__atomic_fetch_add(&l->completed, 1, __ATOMIC_RELAXED);
}

static inline void load_take(struct load *l)
{
	struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};
	struct blkio_completion c[LOAD_DEPTH];
	struct pollfd pfd = {.events = POLLIN};
	uint64_t ignored;
	int n;

	if (l->way == LOAD_FD) {
		n = blkioq_do_io(l->q, c, 0, LOAD_DEPTH, NULL);
		if (n == 0) {
			pfd.fd = blkioq_get_completion_fd(l->q);
			check_int(poll(&pfd, 1, TEST_TIMEOUT_S * 1000), 1);
			check_int(read(pfd.fd, &ignored, 8), 8);
		}
	} else {
		n = blkioq_do_io(l->q, c, 1, LOAD_DEPTH, &timeout);
	}
	check_ok(n);
	for (int i = 0; i < n; i++)
		load_completed(l, &c[i]);
}

static inline void *load_run(void *arg)
{
	struct load *l = arg;

	while (!__atomic_load_n(&l->stop, __ATOMIC_RELAXED)) {
		for (int i = 0; i < LOAD_DEPTH; i++)
			if (!l->blocks[i].busy)
				load_submit(l, i);
		load_take(l);
	}
	while (l->in_flight > 0)
		load_take(l);
	return NULL;
}

static inline void load_begin(struct load *l, struct blkioq *q, void *buf,
			      uint64_t first, enum load_way way)
{
	*l = (struct load){
		.q = q,
		.buf = buf,
		.first = first,
		.way = way,
		.seed = way,
	};
	if (way == LOAD_FD)
		blkioq_set_completion_fd_enabled(q, true);
	check_int(pthread_create(&l->thread, NULL, load_run, l), 0);
}

/* Until n more requests are complete. */
static inline void load_await(struct load *l, unsigned n)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS / 10};
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;
	unsigned goal = n + __atomic_load_n(&l->completed, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->completed, __ATOMIC_RELAXED) < goal) {
		check(clock_now_ns() < end_ns);
		nanosleep(&pause, NULL);
	}
}

/* All of it completes, and what was written is there. */
static inline void load_end(struct load *l)
{
	struct blkio_completion c[1];

	__atomic_store_n(&l->stop, true, __ATOMIC_RELAXED);
	check_int(pthread_join(l->thread, NULL), 0);
	check_int(blkioq_do_io(l->q, c, 0, 1, NULL), 0);
	memset(l->buf, 0x5a, LOAD_DEPTH * LOAD_BLOCK);
	blkioq_read(l->q, l->first, l->buf, LOAD_DEPTH * LOAD_BLOCK, NULL, 0);
	check_int(test_result(l->q), 0);
	for (int i = 0; i < LOAD_DEPTH; i++)
		load_check_block(l, i);
}

#endif
