/* SPDX-License-Identifier: MIT */
/* A spin ends without blocking when the handler becomes ready, when a bottom
 * half is scheduled, when a timer is due and when a plain fd is ready. */
#include "loop/loop_int.h"
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

static struct polled p;
static struct loop_bh bh;
static int runs, fired, reads, fds[2];

/* The nth poll of a spin brings the event. */
static int countdown;
static void (*bring)(void);

static enum loop_poll poll_and_bring(struct loop_fd *h)
{
	if (--countdown == 0)
		bring();
	return polled_poll(h);
}

static void ready(struct loop_fd *h)
{
	p.readies++;
	p.state = LOOP_POLL_BUSY;
}

static void bring_ready(void)
{
	p.state = LOOP_POLL_READY;
}

static void bring_bh(void)
{
	loop_bh_schedule(&bh);
}

static void bring_byte(void)
{
	put_byte(fds[1]);
}

static void bring_nothing(void)
{
}

static void run(struct loop_bh *b)
{
	runs++;
}

static void fire(struct loop_timer *timer)
{
	fired++;
}

static void on_read(struct loop_fd *h)
{
	check(get_byte(h->fd));
	reads++;
}

static const struct loop_fd_ops plain_ops = {.on_read = on_read};

static void spin(struct loop *loop, void (*event)(void))
{
	loop->poll_ns = 30000;
	countdown = 10;
	bring = event;
	check(loop_run_once(loop, true));
	check_int(fake_waits, 0);
	check(p.polls >= 10);
	p.polls = 0;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd plain = {.ops = &plain_ops};
	struct loop_fd_ops ops = polled_ops;
	struct loop_timer timer;
	int64_t start_ns;

	ops.poll = poll_and_bring;
	ops.poll_ready = ready;
	polled_begin(&p, loop, LOOP_POLL_BUSY);
	p.h.ops = &ops;
	test_pair(fds);
	plain.fd = fds[0];
	test_add(loop, &plain, LOOP_READ);
	loop_bh_init(&bh, loop, run);
	loop_timer_init(&timer, fire);

	spin(loop, bring_ready);
	check_int(p.readies, 1);
	spin(loop, bring_bh);
	check_int(runs, 1);
	spin(loop, bring_byte);
	check_int(reads, 1);
	start_ns = fake_now_ns;
	check_int(loop_timer_arm(loop, &timer, start_ns + 3000), 0);
	spin(loop, bring_nothing);
	check_int(fired, 1);
	check(fake_now_ns - start_ns < 4000);
	check_int(p.notifies, 1); /* it never was about to block */

	polled_end(&p);
	loop_fd_remove(&plain);
	loop_destroy(loop);
	return 0;
}
