/* SPDX-License-Identifier: MIT */
/* A handler removed, or told to want nothing, by another one's callback gets
 * no event of the batch that both were in. */
#include "tests/loop/loop_test.h"

#define COUNT 8

static struct loop_fd handlers[COUNT];
static int calls;
static bool only_disarm;

static void on_read(struct loop_fd *h)
{
	calls++;
	check(get_byte(h->fd));
	for (int i = 0; i < COUNT; i++) {
		if (&handlers[i] == h)
			continue;
		if (only_disarm)
			loop_fd_set_events(&handlers[i], 0);
		else
			loop_fd_remove(&handlers[i]);
	}
}

static const struct loop_fd_ops ops = {.on_read = on_read};

static void run(struct loop *loop)
{
	int fds[COUNT][2];

	calls = 0;
	for (int i = 0; i < COUNT; i++) {
		test_pair(fds[i]);
		handlers[i] = (struct loop_fd){.fd = fds[i][0], .ops = &ops};
		test_add(loop, &handlers[i], LOOP_READ);
		put_byte(fds[i][1]);
	}
	check(loop_run_once(loop, true));
	check_int(calls, 1);
	check(!loop_run_once(loop, false));
	for (int i = 0; i < COUNT; i++) {
		loop_fd_remove(&handlers[i]);
		close(fds[i][0]);
		close(fds[i][1]);
	}
}

int main(void)
{
	struct loop *loop = test_loop();

	run(loop);
	only_disarm = true;
	run(loop);
	loop_destroy(loop);
	return 0;
}
