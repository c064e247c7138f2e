/* SPDX-License-Identifier: MIT */
/* loop_run returns after a stop: from a callback, from another thread while
 * asleep, or asked for before it began. It can be run again. */
#include <pthread.h>
#include <stdatomic.h>

#include "loop/loop_int.h"
#include "tests/loop/loop_test.h"

static void stop_bh(struct loop_bh *bh)
{
	loop_stop(loop_current());
}

static void *stop_asleep(void *arg)
{
	struct loop *loop = arg;

	while (!atomic_load(&loop->sleeping))
		;
	loop_stop(loop);
	return NULL;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_bh bh;
	pthread_t thread;

	loop_bh_init(&bh, loop, stop_bh);
	loop_bh_schedule(&bh);
	loop_run(loop);

	loop_stop(loop);
	loop_stop(loop);
	loop_run(loop);

	run_all(loop);
	check_int(pthread_create(&thread, NULL, stop_asleep, loop), 0);
	loop_run(loop);
	check_int(pthread_join(thread, NULL), 0);
	loop_destroy(loop);
	return 0;
}
