/* SPDX-License-Identifier: MIT */
/* A handler that removes itself in on_read gets no on_write, though both
 * events were taken from the kernel at once; it may be freed at once. */
#include <stdlib.h>

#include "tests/loop/loop_test.h"

static int calls;

static void on_any(struct loop_fd *h)
{
	calls++;
	loop_fd_remove(h);
	close(h->fd);
	free(h);
}

static const struct loop_fd_ops ops = {on_any, on_any, NULL, NULL, NULL};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd *h = calloc(1, sizeof(*h));
	int fds[2];

	check(h);
	test_pair(fds);
	h->fd = fds[0];
	h->ops = &ops;
	put_byte(fds[1]);
	test_add(loop, h, LOOP_READ | LOOP_WRITE);
	check(loop_run_once(loop, true));
	check_int(calls, 1);
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
