/* SPDX-License-Identifier: MIT */
/* 100,000 times scheduled from 4 threads at once: no wake-up is lost, and
 * each run sees what its scheduler wrote before. */
#include <pthread.h>
#include <semaphore.h>

#include "tests/loop/loop_test.h"

#define THREADS 4
#define ROUNDS 25000

static struct producer {
	struct loop_bh bh;
	pthread_t thread;
	sem_t ran;
	int sent; /* plain: the loop orders it */
	int seen;
} producers[THREADS];

static int done;

static void run(struct loop_bh *bh)
{
	struct producer *p = container_of(bh, struct producer, bh);

	/* its thread waits for this run before it writes again */
	check_int(p->sent, p->seen + 1);
	p->seen = p->sent;
	if (p->seen == ROUNDS)
		done++;
	sem_post(&p->ran);
}

static void *produce(void *arg)
{
	struct producer *p = arg;

	for (int i = 1; i <= ROUNDS; i++) {
		p->sent = i;
		loop_bh_schedule(&p->bh);
		while (sem_wait(&p->ran) < 0)
			check_int(errno, EINTR);
	}
	return NULL;
}

static bool all_done(void *opaque)
{
	return done == THREADS;
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < THREADS; i++) {
		struct producer *p = &producers[i];

		loop_bh_init(&p->bh, loop, run);
		sem_init(&p->ran, 0, 0);
		check_int(pthread_create(&p->thread, NULL, produce, p), 0);
	}
	loop_run_until(loop, all_done, NULL);
	for (int i = 0; i < THREADS; i++)
		check_int(pthread_join(producers[i].thread, NULL), 0);
	loop_destroy(loop);
	return 0;
}
