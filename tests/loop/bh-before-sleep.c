/* SPDX-License-Identifier: MIT */
/* A bottom half that another thread schedules at the last moment, after the
 * loop found nothing to do and before it sleeps, keeps it from sleeping. */
#include <pthread.h>

#include "tests/loop/loop_test.h"

static struct loop_bh bh;
static int runs;

static void run(struct loop_bh *b)
{
	runs++;
}

static void *schedule(void *arg)
{
	loop_bh_schedule(&bh);
	return NULL;
}

/* The loop calls it with true as the last thing before it sleeps. */
static void notify(struct loop_fd *h, bool on)
{
	pthread_t thread;

	if (!on)
		return;
	check_int(pthread_create(&thread, NULL, schedule, NULL), 0);
	check_int(pthread_join(thread, NULL), 0);
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd_ops ops = polled_ops;
	struct polled p;

	polled_begin(&p, loop, LOOP_POLL_IDLE);
	ops.notify = notify;
	p.h.ops = &ops;
	loop_bh_init(&bh, loop, run);
	for (int i = 1; i <= 100; i++) {
		check(loop_run_once(loop, true)); /* else: sleeps for ever */
		check_int(runs, i);
	}
	polled_end(&p);
	loop_destroy(loop);
	return 0;
}
