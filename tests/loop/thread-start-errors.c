/* SPDX-License-Identifier: MIT */
/* A thread that can't be started, or whose loop can't be created, is an error
 * with the thread's name in its text, and nothing is left of it. */
#include <pthread.h>
#include <sys/epoll.h>

#include "tests/loop/loop_test.h"

static bool no_thread, no_epoll;

int __real_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);
int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg)
{
	return no_thread ? EAGAIN : __real_pthread_create(t, attr, fn, arg);
}

int __wrap_epoll_create1(int flags)
{
	if (no_epoll) {
		errno = EMFILE;
		return -1;
	}
	return __real_epoll_create1(flags);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct loop_thread *thread;

	no_thread = true;
	check_int(loop_thread_start("worker", &thread, &err), -EAGAIN);
	check_contains(err.text, "'worker'");
	no_thread = false;
	no_epoll = true;
	check_int(loop_thread_start("worker", &thread, &err), -EMFILE);
	check_contains(err.text, "'worker'");
	check_contains(err.text, "epoll_create1");
	no_epoll = false;
	check_int(loop_thread_start("worker", &thread, &err), 0);
	loop_thread_stop(thread);
	return 0;
}
