/* SPDX-License-Identifier: MIT */
/*
 * A driver and a device in two threads, a million requests through the memory
 * between them: each is served with the data it was sent with, each answer is
 * seen whole, and nobody sleeps through a request or a completion. Both sleep
 * whenever there is nothing to do, so that every race of "nothing there, wake
 * me" with "here is something" is run; a lost one ends in a deadline.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "vq_pair.h"

#define SIZE 64
#define REQUESTS 125000 /* times the 8 modes without in-order: a million */
#define DEADLINE_S 60

static struct pair p;
static sem_t kick, call;

/* The request's memory: a number there, another one back */
struct cell {
	uint64_t question;
	uint64_t answer;
};

static struct cell *cell(unsigned i)
{
	return (struct cell *)pair_ptr(&p, pair_data(&p)) + i;
}

static void wait_for(sem_t *sem, const char *what)
{
	struct timespec deadline;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_S;
	while (sem_timedwait(sem, &deadline) < 0) {
		if (errno == ETIMEDOUT) {
			fprintf(stderr, "no %s for %u s\n", what, DEADLINE_S);
			exit(1);
		}
	}
}

/* Pop all there is, answer, push in reverse; returns how many. */
static unsigned serve(struct vq_chain *chains, struct iovec (*iovs)[2])
{
	unsigned nr = 0;
	int ret;

	for (; nr < SIZE; nr++) {
		chains[nr].iov = iovs[nr];
		chains[nr].max_iov = 2;
		ret = vq_device_pop(&p.dev, &chains[nr], &p.err);
		check(ret >= 0);
		if (ret == 0)
			break;
		check_int(chains[nr].nr_readable, 1);
		check_int(chains[nr].nr_writable, 1);
		*(uint64_t *)iovs[nr][1].iov_base =
			*(uint64_t *)iovs[nr][0].iov_base + 1;
	}
	for (unsigned i = nr; i-- > 0;)
		vq_device_push(&p.dev, &chains[i], sizeof(uint64_t));
	if (vq_device_publish(&p.dev))
		sem_post(&call);
	return nr;
}

static void *device(void *unused)
{
	static struct vq_chain chains[SIZE];
	static struct iovec iovs[SIZE][2];
	unsigned done = 0;

	while (done < REQUESTS) {
		vq_device_disable_kicks(&p.dev);
		done += serve(chains, iovs);
		if (done < REQUESTS && !vq_device_enable_kicks(&p.dev))
			wait_for(&kick, "kick");
	}
	return NULL;
}

static unsigned submit(unsigned *added, unsigned *free_cells, unsigned nr_free)
{
	while (nr_free > 0 && *added < REQUESTS) {
		unsigned i = free_cells[nr_free - 1];
		uint64_t at = pair_data(&p) + i * sizeof(struct cell);
		struct vq_segment segs[2] = {
			{at + offsetof(struct cell, question), 8},
			{at + offsetof(struct cell, answer), 8},
		};

		cell(i)->question = *added * 3;
		cell(i)->answer = 0;
		if (vq_driver_add(&p.drv, segs, 1, 1, cell(i)) < 0)
			break;
		nr_free--;
		(*added)++;
		/* batches of all lengths */
		if (*added % 7 == 0)
			break;
	}
	if (vq_driver_publish(&p.drv))
		sem_post(&kick);
	return nr_free;
}

static void driver(void)
{
	unsigned free_cells[SIZE], nr_free = SIZE, added = 0, done = 0;
	struct vq_completion c;
	struct cell *cells = cell(0);
	int ret;

	for (unsigned i = 0; i < SIZE; i++)
		free_cells[i] = i;
	while (done < REQUESTS) {
		unsigned before = added + done;

		vq_driver_disable_calls(&p.drv);
		nr_free = submit(&added, free_cells, nr_free);
		while ((ret = vq_driver_pop(&p.drv, &c, &p.err)) > 0) {
			struct cell *done_cell = c.cookie;

			check(done_cell->answer == done_cell->question + 1);
			check_int(c.written_bytes, 8);
			free_cells[nr_free++] = done_cell - cells;
			done++;
		}
		check_int(ret, 0);
		if (done < REQUESTS && added + done == before &&
		    !vq_driver_enable_calls(&p.drv))
			wait_for(&call, "call");
	}
}

int main(void)
{
	for (unsigned mode = 0; mode < 8; mode++) {
		pthread_t thread;

		pair_open(&p, SIZE, pair_features(mode), mode & 4 ? 2 : 0);
		check_int(sem_init(&kick, 0, 0), 0);
		check_int(sem_init(&call, 0, 0), 0);
		check_int(pthread_create(&thread, NULL, device, NULL), 0);
		driver();
		check_int(pthread_join(thread, NULL), 0);
		sem_destroy(&kick);
		sem_destroy(&call);
		pair_close(&p);
	}
	return 0;
}
