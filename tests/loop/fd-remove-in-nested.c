/* SPDX-License-Identifier: MIT */
/* A handler removed during a nested run gets nothing more from the batch of
 * the outer run. */
#include "tests/loop/loop_test.h"

#define COUNT 8

static struct loop_fd handlers[COUNT];
static int calls;

static void remove_all(struct loop_bh *bh)
{
	for (int i = 0; i < COUNT; i++)
		loop_fd_remove(&handlers[i]);
}

static void on_read(struct loop_fd *h)
{
	struct loop *loop = loop_current();
	struct loop_bh bh;

	calls++;
	loop_bh_init(&bh, loop, remove_all);
	loop_bh_schedule(&bh);
	check(loop_run_once(loop, true));
	check(!handlers[0].loop);
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++) {
		int fds[2];

		test_pair(fds);
		handlers[i] = (struct loop_fd){.fd = fds[0], .ops = &ops};
		test_add(loop, &handlers[i], LOOP_READ);
		put_byte(fds[1]);
	}
	check(loop_run_once(loop, true));
	check_int(calls, 1);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
