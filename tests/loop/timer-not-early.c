/* SPDX-License-Identifier: MIT */
/* The loop sleeps until the deadline: a timer fires neither before it nor
 * only after many wake-ups; also on kernels without epoll_pwait2(2). */
#include <sys/epoll.h>

#include "tests/loop/loop_test.h"
#include "util/clock.h"

static int64_t fired_ns;
static bool old_kernel;

int __real_epoll_pwait2(int fd, struct epoll_event *ev, int max,
			const struct timespec *ts, const sigset_t *mask);
int __wrap_epoll_pwait2(int fd, struct epoll_event *ev, int max,
			const struct timespec *ts, const sigset_t *mask);

int __wrap_epoll_pwait2(int fd, struct epoll_event *ev, int max,
			const struct timespec *ts, const sigset_t *mask)
{
	if (old_kernel) {
		errno = ENOSYS;
		return -1;
	}
	return __real_epoll_pwait2(fd, ev, max, ts, mask);
}

static void fire(struct loop_timer *timer)
{
	fired_ns = clock_now_ns();
}

static void run(struct loop *loop, int64_t delay_ns)
{
	int64_t deadline_ns = clock_now_ns() + delay_ns;
	struct loop_timer timer;
	int iterations = 0;

	fired_ns = 0;
	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, deadline_ns), 0);
	while (!fired_ns) {
		loop_run_once(loop, true);
		iterations++;
	}
	check(fired_ns >= deadline_ns);
	check(iterations <= 3);
}

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < 2; i++) {
		run(loop, 300 * NS_PER_US);
		run(loop, 2500 * NS_PER_US);
		old_kernel = true;
	}
	loop_destroy(loop);
	return 0;
}
