/* SPDX-License-Identifier: MIT */
/* With nothing outstanding the loop neither spins nor reads the clock, and
 * what it learns from such waits is nothing. */
#include "loop/loop_int.h"
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

static struct polled p;

static void signal_fd(void)
{
	check_int(eventfd_write(p.h.fd, 1), 0);
}

/* BUSY in the walk, IDLE in the spin that follows */
static enum loop_poll poll_busy_once(struct loop_fd *h)
{
	static int calls;

	return calls++ ? LOOP_POLL_IDLE : LOOP_POLL_BUSY;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd_ops ops = polled_ops;
	int64_t start_ns;
	int polls;

	ops.poll = poll_busy_once;
	polled_begin(&p, loop, LOOP_POLL_IDLE);
	fake_on_wait = signal_fd;
	loop->poll_ns = 16000; /* learnt earlier */
	for (int i = 1; i <= 10; i++) {
		polls = p.polls;
		check(loop_run_once(loop, true));
		check_int(p.reads, i);
		/* before waiting, before blocking, after */
		check_int(p.polls - polls, 3);
	}
	check_int(fake_clock_reads, 0);
	check_int(fake_peeks, 0);
	check_int(loop->poll_ns, 16000);

	/* nor does it go on spinning when what it spun for is gone */
	p.h.ops = &ops;
	start_ns = fake_now_ns;
	check(loop_run_once(loop, true));
	check(fake_now_ns - start_ns < 1000);
	polled_end(&p);
	loop_destroy(loop);
	return 0;
}
