/* SPDX-License-Identifier: MIT */
/*
 * Time and epoll under the test's control, for tests linked with --wrap of
 * clock_gettime, epoll_wait and epoll_pwait2. Time stands still but for
 * fake_step_ns per reading; a wait for an event takes fake_wait_ns.
 */
#ifndef TESTS_LOOP_FAKE_TIME_H
#define TESTS_LOOP_FAKE_TIME_H

#include <sys/epoll.h>

#include "util/clock.h"

static int64_t fake_now_ns = NS_PER_SEC;
static int64_t fake_step_ns = 100;
static int64_t fake_wait_ns; /* when the event comes */
static int fake_clock_reads, fake_waits, fake_peeks;

/* Called in each epoll_wait that may block, in place of the kernel's wait. */
static void (*fake_on_wait)(void);

int __real_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms);
int __wrap_epoll_pwait2(int fd, struct epoll_event *ev, int max,
			const struct timespec *ts, const sigset_t *mask);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	fake_clock_reads++;
	fake_now_ns += fake_step_ns;
	ts->tv_sec = fake_now_ns / NS_PER_SEC;
	ts->tv_nsec = fake_now_ns % NS_PER_SEC;
	return 0;
}

int __wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms)
{
	if (timeout_ms == 0) {
		fake_peeks++;
		return __real_epoll_wait(fd, ev, max, 0);
	}
	fake_waits++;
	fake_now_ns += fake_wait_ns;
	if (fake_on_wait)
		fake_on_wait();
	return __real_epoll_wait(fd, ev, max, timeout_ms);
}

int __wrap_epoll_pwait2(int fd, struct epoll_event *ev, int max,
			const struct timespec *ts, const sigset_t *mask)
{
	fake_waits++;
	fake_now_ns += ts->tv_sec * NS_PER_SEC + ts->tv_nsec;
	return __real_epoll_wait(fd, ev, max, 0);
}

#endif
