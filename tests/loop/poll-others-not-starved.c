/* SPDX-License-Identifier: MIT */
/* A polled handler that is always ready does not starve fds, timers and
 * bottom halves. */
#include "tests/loop/loop_test.h"

static int reads, fired, runs;

static void on_read(struct loop_fd *h)
{
	check(get_byte(h->fd));
	reads++;
}

static void fire(struct loop_timer *timer)
{
	fired++;
}

static void run(struct loop_bh *bh)
{
	runs++;
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd h = {.ops = &ops};
	struct loop_timer timer;
	struct loop_bh bh;
	struct polled p;
	int fds[2];

	polled_begin(&p, loop, LOOP_POLL_READY);
	test_pair(fds);
	h.fd = fds[0];
	test_add(loop, &h, LOOP_READ);
	for (int i = 0; i < 1000; i++) /* the period has grown to its limit */
		check(loop_run_once(loop, true));

	put_byte(fds[1]);
	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, 0), 0);
	loop_bh_init(&bh, loop, run);
	loop_bh_schedule(&bh);
	check(loop_run_once(loop, true));
	check_int(fired, 1);
	check_int(runs, 1);
	for (int i = 0; i < 32 && !reads; i++)
		check(loop_run_once(loop, true));
	check_int(reads, 1);
	/* an fd that was active is looked at each time */
	put_byte(fds[1]);
	check(loop_run_once(loop, true));
	check_int(reads, 2);
	polled_end(&p);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
