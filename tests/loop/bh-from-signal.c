/* SPDX-License-Identifier: MIT */
/* A signal handler may schedule: the sleeping loop wakes up. */
#include <signal.h>
#include <sys/time.h>

#include "tests/loop/loop_test.h"

static struct loop_bh bh;
static int runs;

static void run(struct loop_bh *b)
{
	runs++;
}

static void on_signal(int signum)
{
	loop_bh_schedule(&bh);
}

static bool done(void *opaque)
{
	return runs == 10;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct itimerval every_ms = {{0, 1000}, {0, 1000}};
	struct itimerval off = {{0, 0}, {0, 0}};

	loop_bh_init(&bh, loop, run);
	signal(SIGALRM, on_signal);
	check_int(setitimer(ITIMER_REAL, &every_ms, NULL), 0);
	loop_run_until(loop, done, NULL);
	check_int(setitimer(ITIMER_REAL, &off, NULL), 0);
	loop_bh_cancel(&bh);
	loop_destroy(loop);
	return 0;
}
