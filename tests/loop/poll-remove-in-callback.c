/* SPDX-License-Identifier: MIT */
/* Polled handlers removed by one's poll_ready, itself included, are asked no
 * more; those that stay are asked in the same walk. */
#include "tests/loop/loop_test.h"

#define COUNT 5

static struct polled ps[COUNT];

static void remove_three(struct loop_fd *h)
{
	polled_ready(h);
	for (int i = 0; i < 3; i++)
		loop_fd_remove(&ps[i].h);
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd_ops ops = polled_ops;

	for (int i = 0; i < COUNT; i++)
		polled_begin(&ps[i], loop, LOOP_POLL_READY);
	ops.poll_ready = remove_three;
	ps[0].h.ops = &ops;
	check(loop_run_once(loop, true));
	check_int(ps[0].readies, 1);
	for (int i = 1; i < COUNT; i++)
		check_int(ps[i].polls, i >= 3);
	for (int i = 0; i < COUNT; i++)
		polled_end(&ps[i]);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
