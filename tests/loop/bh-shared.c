/* SPDX-License-Identifier: MIT */
/* One bottom half scheduled by 4 threads at once: every schedule is followed
 * by a run that sees what was written before it. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/loop/loop_test.h"

#define THREADS 4
#define ROUNDS 25000

static struct loop_bh bh;
static atomic_int sent[THREADS]; /* relaxed: only the schedule orders them */
static int seen[THREADS];
static int runs;

static void run(struct loop_bh *b)
{
	runs++;
	for (int i = 0; i < THREADS; i++)
		seen[i] = atomic_load_explicit(&sent[i], memory_order_relaxed);
}

static void *produce(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		atomic_store_explicit((atomic_int *)arg, i,
				      memory_order_relaxed);
		loop_bh_schedule(&bh);
	}
	return NULL;
}

static bool all_seen(void *opaque)
{
	for (int i = 0; i < THREADS; i++)
		if (seen[i] < ROUNDS)
			return false;
	return true;
}

int main(void)
{
	struct loop *loop = test_loop();
	pthread_t threads[THREADS];

	loop_bh_init(&bh, loop, run);
	for (int i = 0; i < THREADS; i++)
		check_int(pthread_create(&threads[i], NULL, produce, &sent[i]),
			  0);
	loop_run_until(loop, all_seen, NULL);
	for (int i = 0; i < THREADS; i++)
		check_int(pthread_join(threads[i], NULL), 0);
	check(runs <= THREADS * ROUNDS);
	loop_bh_cancel(&bh);
	loop_destroy(loop);
	return 0;
}
