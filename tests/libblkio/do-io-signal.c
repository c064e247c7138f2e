/* SPDX-License-Identifier: MIT */
/* Signals during a wait: do_io goes on waiting, do_io_interruptible ends with
 * -EINTR, also for a signal that only the given mask lets through. */
#include "tests/libblkio/blkio_test.h"

static volatile sig_atomic_t nr_signals;

static void count_signal(int sig)
{
	nr_signals++;
}

/* SIGALRM after 1 ms and then each ms */
static void ticks(bool on)
{
	struct itimerspec its = {{0, 0}, {0, 0}};
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
	};
	static timer_t timer;

	if (!on) {
		check_int(timer_delete(timer), 0);
		return;
	}
	check_int(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	its.it_value.tv_nsec = its.it_interval.tv_nsec = NS_PER_MS;
	check_int(timer_settime(timer, 0, &its, NULL), 0);
}

static void check_goes_on(struct blkioq *q)
{
	struct timespec left = {0, 50 * NS_PER_MS};
	struct blkio_completion c;

	nr_signals = 0;
	check_fails(blkioq_do_io(q, &c, 1, 1, &left), ETIME, "Timed out");
	check(nr_signals > 0);
}

static void check_interrupted(struct blkioq *q, const sigset_t *sig)
{
	struct timespec left = {TEST_TIMEOUT_S, 0};
	struct blkio_completion c;

	check_fails(blkioq_do_io_interruptible(q, &c, 1, 1, &left, sig), EINTR,
		    "Interrupted");
	check(left.tv_sec < TEST_TIMEOUT_S);
	check(left.tv_sec >= 1);
}

/* A pending signal that the thread blocks: only the mask lets it in. */
static void check_mask(struct blkioq *q)
{
	struct timespec left = {0, 5 * NS_PER_MS};
	sigset_t usr1, none, pending;
	struct blkio_completion c;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	check_int(sigprocmask(SIG_BLOCK, &usr1, NULL), 0);
	check_int(raise(SIGUSR1), 0);
	nr_signals = 0;
	check_fails(blkioq_do_io_interruptible(q, &c, 1, 1, &left, NULL), ETIME,
		    "Timed out");
	check_int(nr_signals, 0);
	check_interrupted(q, &none);
	check_int(nr_signals, 1);
	sigpending(&pending);
	check(!sigismember(&pending, SIGUSR1));
	check_int(sigprocmask(SIG_BLOCK, NULL, &pending), 0);
	check(sigismember(&pending, SIGUSR1)); /* the thread's own mask */
}

int main(void)
{
	struct blkio *b = test_start("null", "latency-us=3600000000");
	struct blkioq *q = blkio_get_queue(b, 0), *poll;
	struct sigaction action = {.sa_handler = count_signal};
	struct blkio_completion c;
	sigset_t none;

	check_int(sigaction(SIGALRM, &action, NULL), 0);
	check_int(sigaction(SIGUSR1, &action, NULL), 0);
	blkioq_flush(q, NULL, 0);
	ticks(true);
	check_goes_on(q);
	check_interrupted(q, NULL);
	ticks(false);
	check_mask(q);

	/* nothing to wait for: the mask does not matter */
	sigemptyset(&none);
	check_int(blkioq_do_io_interruptible(q, &c, 0, 1, NULL, &none), 0);

	check_int(blkio_add_poll_queue(b), 0);
	poll = blkio_get_poll_queue(b, 0);
	check_fails(blkioq_do_io_interruptible(poll, &c, 0, 1, NULL, &none),
		    EOPNOTSUPP, "is not supported on poll queues");
	check_int(blkioq_do_io_interruptible(poll, &c, 0, 1, NULL, NULL), 0);
	blkio_destroy(&b);
	return 0;
}
