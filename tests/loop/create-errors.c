/* SPDX-License-Identifier: MIT */
/* A second loop in a thread and a lack of fds or memory are errors with text
 * that leave nothing behind. */
#include <sys/epoll.h>
#include <sys/resource.h>

#include "tests/loop/loop_test.h"

static bool no_memory, no_watch;

void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return no_memory ? NULL : __real_aligned_alloc(align, size);
}

int __real_epoll_ctl(int fd, int op, int target, struct epoll_event *ev);
int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *ev);

int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *ev)
{
	if (no_watch) {
		errno = ENOSPC;
		return -1;
	}
	return __real_epoll_ctl(fd, op, target, ev);
}

static void expect(int want, const char *text)
{
	struct err err = ERR_INIT;
	struct loop *loop;

	check_int(loop_create(&loop, &err), want);
	check_contains(err.text, text);
}

int main(void)
{
	int lowest = dup(0);
	struct rlimit limit;
	struct loop *loop;

	check(lowest >= 0);
	close(lowest);
	check(!loop_current());
	no_memory = true;
	expect(-ENOMEM, "Cannot allocate memory");
	no_memory = false;

	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = lowest;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	expect(-EMFILE, "epoll_create1");
	limit.rlim_cur = lowest + 1;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	expect(-EMFILE, "eventfd");
	check(!loop_current());

	limit.rlim_cur = lowest + 2;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	no_watch = true;
	expect(-ENOSPC, "epoll_ctl");
	no_watch = false;
	/* with two fds left: the attempts above have closed theirs */
	loop = test_loop();
	check(loop_current() == loop);
	expect(-EBUSY, "this thread has one already");
	loop_destroy(loop);
	check(!loop_current());
	return 0;
}
