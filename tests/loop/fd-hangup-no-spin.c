/* SPDX-License-Identifier: MIT */
/* A hang-up on an fd that wants nothing does not keep the loop from sleeping;
 * it is still told when reading is wanted again. */
#include "tests/loop/loop_test.h"
#include "util/clock.h"

static int reads, fired;

static void on_read(struct loop_fd *h)
{
	reads++;
}

static void fire(struct loop_timer *timer)
{
	fired++;
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd h = {.ops = &ops};
	struct loop_timer timer;
	int fds[2], iterations = 0;

	test_pair(fds);
	h.fd = fds[0];
	test_add(loop, &h, LOOP_READ);
	loop_fd_set_events(&h, 0);
	close(fds[1]);

	loop_timer_init(&timer, fire);
	check_int(loop_timer_arm(loop, &timer, clock_now_ns() + 50 * NS_PER_MS),
		  0);
	while (!fired) {
		loop_run_once(loop, true);
		iterations++;
	}
	check(iterations <= 3);
	check_int(reads, 0);

	loop_fd_set_events(&h, LOOP_READ);
	check(loop_run_once(loop, true));
	check_int(reads, 1);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
