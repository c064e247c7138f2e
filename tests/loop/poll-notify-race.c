/* SPDX-License-Identifier: MIT */
/* A thread completes requests and signals the fd only when told to: none of
 * 20,000 completions is lost between notify and the sleep. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/loop/loop_test.h"

#define ROUNDS 20000

static atomic_int submitted, completed;
static atomic_bool notifying;
static int taken, fd;

/* qemu-user for aarch64 lets a load overtake a store without it, though both
 * are sequentially consistent. */
static void fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

static void *device(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		for (int n = 1; atomic_load(&submitted) < i; n++)
			if (n % 64 == 0)
				sched_yield();
		atomic_store(&completed, i);
		fence();
		if (atomic_load(&notifying))
			check_int(eventfd_write(fd, 1), 0);
	}
	return NULL;
}

static enum loop_poll poll_ring(struct loop_fd *h)
{
	return atomic_load(&completed) > taken ? LOOP_POLL_READY
					       : LOOP_POLL_BUSY;
}

static void take(struct loop_fd *h)
{
	if (atomic_load(&completed) == taken)
		return;
	taken++;
	atomic_store(&submitted, taken + 1);
}

static void notify(struct loop_fd *h, bool on)
{
	atomic_store(&notifying, on);
	fence();
}

static void on_read(struct loop_fd *h)
{
	eventfd_t value;

	check_int(eventfd_read(h->fd, &value), 0);
	take(h);
}

static const struct loop_fd_ops ops = {.on_read = on_read,
				       .poll = poll_ring,
				       .poll_ready = take,
				       .notify = notify};

static bool all_taken(void *opaque)
{
	return taken == ROUNDS;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd h = {.ops = &ops};
	pthread_t thread;

	h.fd = fd = eventfd(0, EFD_NONBLOCK);
	test_add(loop, &h, LOOP_READ);
	check_int(pthread_create(&thread, NULL, device, NULL), 0);
	atomic_store(&submitted, 1);
	loop_set_poll_max_ns(loop, 0); /* sleep as often as possible */
	while (taken < ROUNDS / 2)
		loop_run_once(loop, true);
	loop_set_poll_max_ns(loop, LOOP_POLL_MAX_NS);
	loop_run_until(loop, all_taken, NULL);
	check_int(pthread_join(thread, NULL), 0);
	loop_fd_remove(&h);
	loop_destroy(loop);
	return 0;
}
