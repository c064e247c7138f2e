/* SPDX-License-Identifier: MIT */
/* Scheduling costs a system call only when it finds the loop asleep, and then
 * only one. */
#include <stdatomic.h>
#include <pthread.h>

#include "loop/loop_int.h"
#include "tests/loop/loop_test.h"

#define COUNT 100

static struct loop_bh bhs[COUNT];
static int runs;
static atomic_int writes;

int __real_eventfd_write(int fd, eventfd_t value);
int __wrap_eventfd_write(int fd, eventfd_t value);

int __wrap_eventfd_write(int fd, eventfd_t value)
{
	atomic_fetch_add(&writes, 1);
	return __real_eventfd_write(fd, value);
}

static void run(struct loop_bh *bh)
{
	runs++;
}

static void *schedule_all(void *arg)
{
	for (int i = 0; i < COUNT; i++)
		loop_bh_schedule(&bhs[i]);
	return NULL;
}

static void *schedule_once_asleep(void *arg)
{
	struct loop *loop = arg;

	while (!atomic_load(&loop->sleeping))
		;
	return schedule_all(NULL);
}

int main(void)
{
	struct loop *loop = test_loop();
	pthread_t thread;

	for (int i = 0; i < COUNT; i++)
		loop_bh_init(&bhs[i], loop, run);

	check_int(pthread_create(&thread, NULL, schedule_all, NULL), 0);
	check_int(pthread_join(thread, NULL), 0);
	check(loop_run_once(loop, true));
	check_int(runs, COUNT);
	check_int(writes, 0);

	check_int(pthread_create(&thread, NULL, schedule_once_asleep, loop), 0);
	check(loop_run_once(loop, true));
	check_int(pthread_join(thread, NULL), 0);
	run_all(loop);
	check_int(runs, 2 * COUNT);
	check_int(writes, 1);
	loop_destroy(loop);
	return 0;
}
