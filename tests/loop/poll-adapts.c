/* SPDX-License-Identifier: MIT */
/* The spin doubles from 4 us to its maximum while events come soon after the
 * loop blocked, and shrinks to nothing when they take long; if it's not very
 * long, the longest spin is tried now and then. */
#include "loop/loop_int.h"
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

static struct polled p;
static int fired;

static void fire(struct loop_timer *timer)
{
	fired++;
}

static void signal_fd(void)
{
	check_int(eventfd_write(p.h.fd, 1), 0);
}

/* one event that comes after the loop has blocked for wait_ns */
static int64_t after_wait(struct loop *loop, int64_t wait_ns)
{
	int waits = fake_waits;

	fake_wait_ns = wait_ns;
	check(loop_run_once(loop, true));
	check_int(fake_waits, waits + 1);
	return loop->poll_ns;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_timer timer;
	int64_t spent_ns;

	polled_begin(&p, loop, LOOP_POLL_BUSY);
	fake_on_wait = signal_fd;
	check_int(loop->poll_ns, 0);
	check_int(after_wait(loop, 3000), 4000);
	check_int(after_wait(loop, 3000), 8000);
	check_int(after_wait(loop, 3000), 16000);
	check_int(after_wait(loop, 3000), 32000);
	check_int(LOOP_POLL_MAX_NS, 32000);

	/* it does spin that long, and no longer, before it blocks */
	spent_ns = fake_now_ns;
	check_int(after_wait(loop, 100000), 16000);
	spent_ns = fake_now_ns - spent_ns - 100000;
	check(spent_ns >= 32000 && spent_ns < 33000);

	check_int(after_wait(loop, 100000), 8000);
	check_int(after_wait(loop, 100000), 4000);
	check_int(after_wait(loop, 100000), 0);
	check_int(after_wait(loop, 33000), 0);

	/* that was the first that was late without a spin */
	for (unsigned i = 2; i < LOOP_TRY_EVERY; i++)
		check_int(after_wait(loop, 33000), 0);
	for (unsigned i = 0; i < 2 * LOOP_TRY_EVERY; i++)
		check_int(after_wait(loop, 129000), 0);
	check_int(after_wait(loop, 33000), 32000);
	for (int64_t ns = 16000; ns >= 4000; ns /= 2)
		check_int(after_wait(loop, 33000), ns);
	check_int(after_wait(loop, 33000), 0);

	/* a wait that a timer ends teaches nothing */
	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, fake_now_ns + 3000), 0);
	check(loop_run_once(loop, true));
	check_int(fired, 1);
	check_int(loop->poll_ns, 0);

	loop_set_poll_max_ns(loop, 6000);
	check_int(after_wait(loop, 1000), 4000);
	check_int(after_wait(loop, 1000), 6000);
	loop_set_poll_max_ns(loop, 0);
	check_int(after_wait(loop, 1000), 0);
	polled_end(&p);
	loop_destroy(loop);
	return 0;
}
