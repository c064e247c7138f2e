/* SPDX-License-Identifier: MIT */
/* Drain stops requests on every loop at once, while all keep coming. */
#include <stdatomic.h>

#include "tests/block/node_test.h"

enum { LOOPS = 3, READERS = 4, DRAINS = 200 };

static struct node *node;
static atomic_bool stop;
static atomic_int running, inside;
static atomic_ulong reads;

static void co_reader(void *opaque)
{
	char buf[512];

	while (!stop) {
		check_int(node_co_pread(node, 0, buf, sizeof(buf), 0), 0);
		reads++;
		co_yield_to_loop();
	}
	running--;
}

static void start_readers(void *opaque)
{
	for (int i = 0; i < READERS; i++) {
		running++;
		check_int(co_start(co_reader, NULL), 0);
	}
}

static void look_idle(void *opaque)
{
	inside += (int)node_in_flight(node);
}

static bool all_stopped(void *opaque)
{
	return running == 0;
}

static bool reads_go_on(void *opaque)
{
	return reads > *(unsigned long *)opaque;
}

/* What the other threads count doesn't wake this loop. */
static void tick(struct loop_timer *timer)
{
	check_int(loop_timer_arm(test_loop, timer, clock_now_ns() + NS_PER_MS),
		  0);
}

int main(void)
{
	struct loop_thread *threads[LOOPS];
	struct loop_timer timer;
	struct loop *loops[LOOPS];
	struct err err = ERR_INIT;

	test_begin();
	loops[0] = test_loop;
	for (int i = 1; i < LOOPS; i++) {
		check_int(loop_thread_start("reader", &threads[i], &err), 0);
		loops[i] = loop_thread_loop(threads[i]);
	}
	check_int(open_on("driver=ram,size=64K", loops, LOOPS, &node, &err), 0);
	for (int i = 0; i < LOOPS; i++)
		loop_call(loops[i], start_readers, NULL);
	loop_timer_init(&timer, tick);
	tick(&timer);
	for (int i = 0; i < DRAINS; i++) {
		unsigned long seen;

		node_drain(node);
		/* a call on each loop, so that their coroutines stand still */
		for (int j = 0; j < LOOPS; j++)
			loop_call(loops[j], look_idle, NULL);
		seen = reads;
		for (int j = 0; j < LOOPS; j++)
			loop_call(loops[j], look_idle, NULL);
		/* what the loops still have are held requests only */
		check(inside <= 2 * LOOPS * READERS);
		inside = 0;
		check_int(reads, seen);
		node_undrain(node);
		loop_run_until(test_loop, reads_go_on, &seen);
	}
	stop = true;
	loop_run_until(test_loop, all_stopped, NULL);
	loop_timer_cancel(test_loop, &timer);
	close_disk(node);
	for (int i = 1; i < LOOPS; i++)
		loop_thread_stop(threads[i]);
	test_end();
	return 0;
}
