/* SPDX-License-Identifier: MIT */
/*
 * Writing to an eventfd that somebody else has as well: see bell.h.
 *
 * A tick that comes between a look at ticking and the write finds rung set, so
 * it leaves the timer ticking, and the next one is in time. Without SA_RESTART
 * the write is over with EINTR; other calls that wait on this thread must bear
 * that too.
 */
#include "export/vhost-user-blk/bell.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "util/compiler.h"

#define SIGNAL SIGRTMIN

static void set_ticks(struct bell *b, bool on)
{
	const struct timespec period = {.tv_nsec = on ? BELL_TICK_NS : 0};
	const struct itimerspec spec = {period, period};

	b->ticking = on;
	timer_settime(b->timer, 0, &spec, NULL);
}

static void on_tick(int signo, siginfo_t *info, void *context)
{
	struct bell *b = info->si_value.sival_ptr;
	int saved = errno;

	if (info->si_code != SI_TIMER)
		return;
	if (!b->rung)
		set_ticks(b, false);
	b->rung = false;
	errno = saved;
	(void)signo;
	(void)context;
}

static int catch_ticks(struct err *err)
{
	const struct sigaction sa = {
		.sa_sigaction = on_tick,
		.sa_flags = SA_SIGINFO,
	};
	sigset_t set;

	if (sigaction(SIGNAL, &sa, NULL) < 0)
		return err_sys(err, errno, "catching signal %d", SIGNAL);
	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

int bell_init(struct bell *b, struct err *err)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGNAL,
		.sigev_value.sival_ptr = b,
	};
	int ret = catch_ticks(err);

	if (ret < 0)
		return ret;
	b->ticking = b->rung = false;
	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &b->timer) < 0)
		return err_sys(err, errno, "timer of a queue");
	return 0;
}

bool bell_ring(struct bell *b, int fd)
{
	const uint64_t one = 1;

	b->rung = true;
	if (unlikely(!b->ticking))
		set_ticks(b, true);
	/* what is no eventfd, or one that says full, is the owner's fault */
	return write(fd, &one, sizeof(one)) >= 0 || errno != EINTR;
}

/* What is pending is delivered before this returns: it's for this thread. */
void bell_exit(struct bell *b)
{
	timer_delete(b->timer);
}
