/* SPDX-License-Identifier: MIT */
/* Concurrent unaligned writes to the same blocks lose no bytes. */
/*
 * Sixteen writers own every sixteenth 100-byte stripe of one disk with
 * 4096-byte blocks, so each write is a read-modify-write of a block that the
 * others modify too. One more writes block 4 as a whole, aligned: in its
 * second half, which is its own, 'Y' and 'Z' in turn, 'Z' last; a stripe's
 * read-modify-write that overlapped would bring back the 'Y'. Requests take
 * a while, so they do meet. serialise-overlap [LOOPS]: the writers are
 * spread over that many loops.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/block/node_test.h"

enum {
	WRITERS = 16,
	STRIPE = 100,
	BLOCK = 4096,
	SIZE = 12 * BLOCK,
	ROUNDS = 3,
	OWN_START = 4 * BLOCK + BLOCK / 2, /* the aligned writer's own half */
	OWN_END = 5 * BLOCK,
};

static struct node *node;
static atomic_int left;

static bool stripe_written(unsigned at)
{
	return at + STRIPE <= SIZE &&
	       (at + STRIPE <= OWN_START || at >= OWN_END);
}

static char wanted(unsigned i)
{
	return i >= OWN_START && i < OWN_END
		       ? 'Z'
		       : (char)('a' + i / STRIPE % WRITERS);
}

static void co_stripes(void *opaque)
{
	unsigned me = (unsigned)(intptr_t)opaque;
	char buf[STRIPE];

	memset(buf, 'a' + (int)me, sizeof(buf));
	for (int round = 0; round < ROUNDS; round++)
		for (unsigned at = me * STRIPE; at < SIZE;
		     at += WRITERS * STRIPE)
			if (stripe_written(at))
				check_int(node_co_pwrite(node, at, buf, STRIPE,
							 0),
					  0);
	left--;
}

static void co_aligned(void *opaque)
{
	char *buf = node_alloc_buffer(node, BLOCK);

	for (unsigned i = 0; i < BLOCK; i++)
		buf[i] = wanted(4 * BLOCK + i);
	for (int round = 0; round < 40; round++) {
		memset(buf + BLOCK / 2, round % 2 ? 'Z' : 'Y', BLOCK / 2);
		check_int(node_co_pwrite(node, 4 * BLOCK, buf, BLOCK, 0), 0);
	}
	free(buf);
	left--;
}

static void start_writer(void *opaque)
{
	check_int(co_start((intptr_t)opaque < WRITERS ? co_stripes : co_aligned,
			   opaque),
		  0);
}

static bool all_done(void *opaque)
{
	return left == 0;
}

static void co_verify(void *opaque)
{
	char *disk = malloc(SIZE);

	check_int(node_co_pread(node, 0, disk, SIZE, 0), 0);
	for (unsigned i = 0; i < SIZE; i++)
		if (stripe_written(i / STRIPE * STRIPE) || i / BLOCK == 4)
			check_int(disk[i], wanted(i));
	free(disk);
}

static void tick(struct loop_timer *timer)
{
	check_int(loop_timer_arm(test_loop, timer, clock_now_ns() + NS_PER_MS),
		  0);
}

int main(int argc, char **argv)
{
	int nr_loops = argc > 1 ? atoi(argv[1]) : 1;
	struct loop_thread *threads[8] = {NULL};
	struct loop *loops[8];
	struct loop_timer timer;
	struct err err = ERR_INIT;

	test_begin();
	loops[0] = test_loop;
	for (int i = 1; i < nr_loops; i++) {
		check_int(loop_thread_start("writer", &threads[i], &err), 0);
		loops[i] = loop_thread_loop(threads[i]);
	}
	check_int(open_on("driver=ram,size=48K,request-alignment=4096,"
			  "latency-us=50",
			  loops, nr_loops, &node, &err),
		  0);
	loop_timer_init(&timer, tick);
	tick(&timer);
	left = WRITERS + 1;
	for (intptr_t i = 0; i <= WRITERS; i++)
		loop_call(loops[i % nr_loops], start_writer, (void *)i);
	loop_run_until(test_loop, all_done, NULL);
	loop_timer_cancel(test_loop, &timer);
	check_int(co_run(co_verify, NULL), 0);
	close_disk(node);
	for (int i = 1; i < nr_loops; i++)
		loop_thread_stop(threads[i]);
	test_end();
	return 0;
}
