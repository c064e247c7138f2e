/* SPDX-License-Identifier: MIT */
/* Scheduling costs a system call only when it finds the loop asleep, and then
 * only one, however many are scheduled. */
#include <pthread.h>
#include <sys/epoll.h>

#include "tests/loop/loop_test.h"

#define COUNT 100

static struct loop_bh bhs[COUNT];
static int runs, sleeps, writes;

static void *schedule_all(void *arg)
{
	for (int i = 0; i < COUNT; i++)
		loop_bh_schedule(&bhs[i]);
	return NULL;
}

static void schedule_all_in_thread(void)
{
	pthread_t thread;

	check_int(pthread_create(&thread, NULL, schedule_all, NULL), 0);
	check_int(pthread_join(thread, NULL), 0);
}

int __real_eventfd_write(int fd, eventfd_t value);
int __wrap_eventfd_write(int fd, eventfd_t value);
int __real_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms);

int __wrap_eventfd_write(int fd, eventfd_t value)
{
	writes++;
	return __real_eventfd_write(fd, value);
}

/* The loop has gone to sleep: this is when the other thread comes. */
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout_ms)
{
	if (timeout_ms < 0) {
		sleeps++;
		schedule_all_in_thread();
	}
	return __real_epoll_wait(fd, ev, max, timeout_ms);
}

static void run(struct loop_bh *bh)
{
	runs++;
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++)
		loop_bh_init(&bhs[i], loop, run);

	schedule_all_in_thread();
	check(loop_run_once(loop, true));
	check_int(runs, COUNT);
	check_int(sleeps, 0);
	check_int(writes, 0);

	check(loop_run_once(loop, true));
	check_int(runs, 2 * COUNT);
	check_int(sleeps, 1);
	check_int(writes, 1);
	run_all(loop);
	check_int(runs, 2 * COUNT);
	loop_destroy(loop);
	return 0;
}
