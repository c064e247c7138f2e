/* SPDX-License-Identifier: MIT */
/* From an fd, a timer, a bottom half and a deferred call alike: a nested run
 * may block until an event comes that only another thread brings. */
#include <pthread.h>

#include "tests/loop/loop_test.h"

static struct waiting {
	struct loop_bh bh;
	bool arrived;
} waiting;

static int waits;

static void arrive(struct loop_bh *bh)
{
	waiting.arrived = true;
}

static bool arrived(void *opaque)
{
	return waiting.arrived;
}

static void *bring(void *arg)
{
	loop_bh_schedule(&waiting.bh);
	return NULL;
}

static void wait_nested(void)
{
	struct loop *loop = loop_current();
	pthread_t thread;

	waiting.arrived = false;
	loop_bh_init(&waiting.bh, loop, arrive);
	check_int(pthread_create(&thread, NULL, bring, NULL), 0);
	loop_run_until(loop, arrived, NULL);
	check_int(pthread_join(thread, NULL), 0);
	waits++;
}

static void on_read(struct loop_fd *h)
{
	check(get_byte(h->fd));
	wait_nested();
}

static void fire(struct loop_timer *timer)
{
	wait_nested();
}

static void run_bh(struct loop_bh *bh)
{
	wait_nested();
}

static void run_defer(struct loop_defer *defer)
{
	wait_nested();
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd h = {.ops = &ops};
	struct loop_timer timer;
	struct loop_bh bh;
	struct loop_defer defer = {.run = run_defer};
	int fds[2];

	test_pair(fds);
	h.fd = fds[0];
	test_add(loop, &h, LOOP_READ);
	put_byte(fds[1]);
	check(loop_run_once(loop, true));
	check_int(waits, 1);

	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, 0), 0);
	check(loop_run_once(loop, true));
	check_int(waits, 2);

	loop_bh_init(&bh, loop, run_bh);
	loop_bh_schedule(&bh);
	check(loop_run_once(loop, true));
	check_int(waits, 3);

	loop_plug(loop);
	loop_defer(loop, &defer);
	check_int(waits, 3);
	loop_unplug(loop);
	check_int(waits, 4);

	run_all(loop);
	check_int(waits, 4);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
