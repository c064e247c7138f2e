/* SPDX-License-Identifier: MIT */
/* A completion taken before a nested run is not seen again in it, and those
 * that are left are; handlers may vanish in the middle of nested walks. */
#include "tests/loop/loop_test.h"

#define COUNT 4

static struct ring {
	struct loop_fd h;
	int pending, taken;
} rings[COUNT];

static bool removing;

static enum loop_poll poll_ring(struct loop_fd *h)
{
	return container_of(h, struct ring, h)->pending ? LOOP_POLL_READY
							: LOOP_POLL_IDLE;
}

static void take_one(struct loop_fd *h)
{
	struct ring *r = container_of(h, struct ring, h);

	check(h->loop);
	check(r->pending > 0);
	r->pending--;
	r->taken++;
	loop_run_once(loop_current(), false);
	if (removing)
		for (int i = 0; i < COUNT; i++)
			loop_fd_remove(&rings[i].h);
}

static void on_read(struct loop_fd *h)
{
	check(!"the fd was never signalled");
}

static const struct loop_fd_ops ops = {
	.on_read = on_read, .poll = poll_ring, .poll_ready = take_one};

static void begin(struct loop *loop)
{
	for (int i = 0; i < COUNT; i++) {
		rings[i] = (struct ring){
			.h.fd = eventfd(0, 0), .h.ops = &ops, .pending = 5};
		test_add(loop, &rings[i].h, LOOP_READ);
	}
}

int main(void)
{
	struct loop *loop = test_loop();

	begin(loop);
	check(loop_run_once(loop, true));
	for (int i = 0; i < COUNT; i++) {
		check_int(rings[i].pending, 0);
		check_int(rings[i].taken, 5);
		loop_fd_remove(&rings[i].h);
	}
	removing = true;
	begin(loop);
	check(loop_run_once(loop, true));
	check(!loop_run_once(loop, false));
	loop_destroy(loop);
	return 0;
}
