/* SPDX-License-Identifier: MIT */
/* All callbacks of an iteration share one section, which ends before the loop
 * looks at its fds again: many calls, one deferred run. */
#include "tests/loop/loop_test.h"

#define COUNT 10

static struct loop_bh bhs[COUNT];
static struct loop_timer timer;
static struct loop_fd h;
static struct loop_defer submit;
static int queued, submitted, submits, reads, fds[2];

static void queue_one(void)
{
	queued++;
	loop_defer(loop_current(), &submit);
	check_int(submitted, 0);
}

static void run_submit(struct loop_defer *d)
{
	submits++;
	submitted += queued;
	queued = 0;
	put_byte(fds[1]); /* what is submitted makes the fd ready */
}

static void run_bh(struct loop_bh *bh)
{
	queue_one();
}

static void fire(struct loop_timer *t)
{
	queue_one();
}

static void on_read(struct loop_fd *unused)
{
	check(get_byte(h.fd));
	check_int(submitted, COUNT + 1);
	reads++;
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();

	test_pair(fds);
	h.fd = fds[0];
	h.ops = &ops;
	test_add(loop, &h, LOOP_READ);
	submit.run = run_submit;
	for (int i = 0; i < COUNT; i++) {
		loop_bh_init(&bhs[i], loop, run_bh);
		loop_bh_schedule(&bhs[i]);
	}
	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, 0), 0);
	check(loop_run_once(loop, true));
	check_int(submits, 1);
	check_int(submitted, COUNT + 1);
	while (!reads)
		check(loop_run_once(loop, true));
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
