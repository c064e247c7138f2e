/* SPDX-License-Identifier: MIT */
/* The fd need not be signalled while callbacks run; before it blocks the loop
 * asks for signals and then polls once more; afterwards it calls them off. */
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

static struct polled p;
static int waits_seen;

/* "completes" between the walk and notify(true): is not signalled */
static void notify(struct loop_fd *h, bool on)
{
	if (on)
		p.state = LOOP_POLL_READY;
	polled_notify(h, on);
}

static void ready(struct loop_fd *h)
{
	check(!p.notifying);
	p.state = LOOP_POLL_IDLE;
	p.readies++;
}

static void signal_fd(void)
{
	check(p.notifying);
	waits_seen++;
	p.state = LOOP_POLL_READY;
	check_int(eventfd_write(p.h.fd, 1), 0);
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd_ops ops = polled_ops;

	ops.poll_ready = ready;
	polled_begin(&p, loop, LOOP_POLL_IDLE);
	loop_fd_remove(&p.h);
	p.h.ops = &ops;
	test_add(loop, &p.h, LOOP_READ);
	check(!p.notifying);

	ops.notify = notify;
	check(loop_run_once(loop, true));
	check_int(p.readies, 1);
	check_int(fake_waits, 0);
	check(!p.notifying);

	ops.notify = polled_notify;
	fake_on_wait = signal_fd;
	check(loop_run_once(loop, true));
	check_int(waits_seen, 1);
	check_int(p.reads, 1);
	check_int(p.readies, 2);
	check(!p.notifying);
	polled_end(&p);
	loop_destroy(loop);
	return 0;
}
