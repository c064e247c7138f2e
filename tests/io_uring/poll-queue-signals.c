/* SPDX-License-Identifier: MIT */
/*
 * A signal ends the wait for a poll queue's requests if asked for, with and
 * without a deadline, and does not if not; a signal mask is refused; no request
 * is lost. Argument: a slow disk that polls.
 */
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

#include <pthread.h>

/* takes the disk a second */
#define REQUESTS 20
#define UNIT 4096
#define STRIDE (2 * UNIT) /* on the disk, lest the kernel merges requests */

static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	signals++;
}

static void *send_signal(void *arg)
{
	const struct timespec pause = { .tv_nsec = 100 * NS_PER_MS };
	pthread_t *to = arg;

	nanosleep(&pause, NULL);
	pthread_kill(*to, SIGUSR1);
	return NULL;
}

static int wait_through_signal(struct blkioq *q, struct blkio_completion *c,
			       struct timespec *timeout, bool interruptible)
{
	pthread_t self = pthread_self(), other;
	int ret;

	signals = 0;
	check_int(pthread_create(&other, NULL, send_signal, &self), 0);
	if (interruptible)
		ret = blkioq_do_io_interruptible(q, c, REQUESTS, REQUESTS,
						 timeout, NULL);
	else
		ret = blkioq_do_io(q, c, REQUESTS, REQUESTS, timeout);
	check_int(pthread_join(other, NULL), 0);
	check_int(signals, 1);
	return ret;
}

static void check_waits(struct blkioq *q, char *buf, bool timed)
{
	struct timespec timeout = { 20, 0 };
	struct blkio_completion c[REQUESTS];
	sigset_t mask;

	sigemptyset(&mask);
	for (int i = 0; i < REQUESTS; i++)
		blkioq_read(q, (uint64_t)i * STRIDE, buf + i * UNIT, UNIT, NULL,
			    0);
	check_int(blkioq_do_io_interruptible(q, c, 1, 1, NULL, &mask),
		  -EOPNOTSUPP);
	check_contains(blkio_get_error_msg(), "not supported on poll queues");
	check_int(wait_through_signal(q, c, timed ? &timeout : NULL, true),
		  -EINTR);
	check_int(wait_through_signal(q, c, timed ? &timeout : NULL, false),
		  REQUESTS);
	for (int i = 0; i < REQUESTS; i++)
		check_int(c[i].ret, 0);
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };
	char *buf = buffer((size_t)REQUESTS * UNIT);
	struct blkio *b;

	check_int(argc, 2);
	check_int(sigaction(SIGUSR1, &action, NULL), 0);
	b = open_disk(argv[1], "direct=true", "num-poll-queues=1", NULL);
	check_waits(blkio_get_poll_queue(b, 0), buf, false);
	check_waits(blkio_get_poll_queue(b, 0), buf, true);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
