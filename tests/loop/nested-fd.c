/* SPDX-License-Identifier: MIT */
/* Runs nested in fd callbacks deliver each event of the batch exactly once,
 * the second event of the same fd included. */
#include "tests/loop/loop_test.h"

#define COUNT 20

static struct side {
	struct loop_fd h;
	int reads, writes;
} sides[COUNT];

static int depth, deepest;

static void nest(void)
{
	deepest = ++depth > deepest ? depth : deepest;
	loop_run_once(loop_current(), false);
	depth--;
}

static void on_read(struct loop_fd *h)
{
	container_of(h, struct side, h)->reads++;
	check(get_byte(h->fd)); /* fails on a second delivery */
	nest();
}

static void on_write(struct loop_fd *h)
{
	container_of(h, struct side, h)->writes++;
	loop_fd_set_events(h, LOOP_READ);
	nest();
}

static const struct loop_fd_ops ops = {on_read, on_write, NULL, NULL, NULL};

int main(void)
{
	struct loop *loop = test_loop();

	for (int i = 0; i < COUNT; i++) {
		int fds[2];

		test_pair(fds);
		sides[i].h.fd = fds[0];
		sides[i].h.ops = &ops;
		test_add(loop, &sides[i].h, LOOP_READ | LOOP_WRITE);
		put_byte(fds[1]);
	}
	check(loop_run_once(loop, true));
	run_all(loop);
	for (int i = 0; i < COUNT; i++) {
		check_int(sides[i].reads, 1);
		check_int(sides[i].writes, 1);
		loop_fd_remove(&sides[i].h);
	}
	check(deepest > 1);
	loop_destroy(loop);
	return 0;
}
