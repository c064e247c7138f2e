/* SPDX-License-Identifier: MIT */
/* A handler gets the events that it wants, level-triggered, and no others. */
#include "tests/loop/loop_test.h"

static int reads, writes;

static void on_read(struct loop_fd *h)
{
	reads++;
}

static void on_write(struct loop_fd *h)
{
	writes++;
}

static const struct loop_fd_ops ops = {on_read, on_write, NULL, NULL, NULL};

int main(void)
{
	struct loop *loop = test_loop();
	int fds[2];
	struct loop_fd h = {.ops = &ops};

	test_pair(fds);
	h.fd = fds[0];
	test_add(loop, &h, LOOP_READ);
	check(!loop_run_once(loop, false));

	put_byte(fds[1]);
	check(loop_run_once(loop, true));
	check(loop_run_once(loop, true)); /* not read: reported again */
	check_int(reads, 2);
	check_int(writes, 0);

	loop_fd_set_events(&h, LOOP_READ | LOOP_WRITE);
	check(loop_run_once(loop, true));
	check_int(reads, 3);
	check_int(writes, 1);

	loop_fd_set_events(&h, 0);
	check(!loop_run_once(loop, false));
	loop_fd_set_events(&h, LOOP_WRITE);
	check(loop_run_once(loop, true));
	check_int(reads, 3);
	check_int(writes, 2);

	check(get_byte(fds[0]));
	loop_fd_set_events(&h, LOOP_READ);
	check(!loop_run_once(loop, false));

	loop_fd_remove(&h);
	loop_fd_remove(&h);
	put_byte(fds[1]);
	check(!loop_run_once(loop, false));
	test_add(loop, &h, LOOP_READ);
	check(loop_run_once(loop, true));
	check_int(reads, 4);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
