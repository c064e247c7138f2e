/* SPDX-License-Identifier: MIT */
/*
 * A wait for a slow request ends at its deadline, or by a signal, also one
 * that comes while the same call hands requests over; the request is not
 * lost. Argument: "any", or "old" for a kernel whose io_uring_enter(2) takes
 * no timeout.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

#include <pthread.h>

static int gate[2];

/* Reads wait at the gate, and then have read a byte. */
static void wait_at_gate(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_READ)
		hook_wait_for(sqe, gate[0]);
}

static void on_signal(int sig)
{
}

static void *send_signal(void *arg)
{
	pthread_t *to = arg;
	const struct timespec pause = { .tv_nsec = 50 * NS_PER_MS };

	nanosleep(&pause, NULL);
	pthread_kill(*to, SIGUSR1);
	return NULL;
}

static void check_deadline(struct blkioq *q, int64_t ns)
{
	struct timespec timeout = { ns / NS_PER_SEC, ns % NS_PER_SEC };
	int64_t began = clock_now_ns();
	struct blkio_completion c;

	check_int(blkioq_do_io(q, &c, 1, 1, &timeout), -ETIME);
	check(clock_now_ns() - began >= ns);
	check_int(timeout.tv_sec, 0);
	check_int(timeout.tv_nsec, 0);
}

static void check_signal(struct blkioq *q, const sigset_t *mask)
{
	pthread_t self = pthread_self(), other;
	struct blkio_completion c;

	check_int(pthread_create(&other, NULL, send_signal, &self), 0);
	check_int(blkioq_do_io_interruptible(q, &c, 1, 1, NULL, mask), -EINTR);
	check_int(pthread_join(other, NULL), 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t self = pthread_self(), other;
	sigset_t blocked, open_mask;
	char *buf = buffer(4096);
	struct blkio *b;
	struct blkioq *q;

	if (strcmp(argv[1], "old") == 0)
		hook.hidden_features = IORING_FEAT_EXT_ARG;
	b = open_disk(temp_file(MIB), NULL);
	q = queue_of(b);
	check_int(pipe(gate), 0);
	sigaction(SIGUSR1, &action, NULL);
	hook.sqe = wait_at_gate;

	blkioq_read(q, 0, buf, 4096, buf, 0);
	check_deadline(q, 20 * NS_PER_MS);
	check_deadline(q, 0);
	check_signal(q, NULL);

	/* while the read is handed over by the very call; the mask counts */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, &open_mask);
	sigdelset(&open_mask, SIGUSR1);
	blkioq_read(q, 0, buf, 4096, buf, 0);
	check_signal(q, &open_mask);

	/* the plain call waits on */
	pthread_sigmask(SIG_SETMASK, &open_mask, NULL);
	check_int(pthread_create(&other, NULL, send_signal, &self), 0);
	check_deadline(q, 200 * NS_PER_MS);
	check_int(pthread_join(other, NULL), 0);

	hook.sqe = NULL;
	check_int(write(gate[1], "x", 1), 1);
	check_int(next_ret(q), 0);
	check_int(next_ret(q), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
