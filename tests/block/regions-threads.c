/* SPDX-License-Identifier: MIT */
/* Buffers come and go on one thread while requests run on others: each
 * request gets there, copied or not. */
#include <stdlib.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

enum { THREADS = 2, TIMES = 2000, BLOCK = 4096, BUFFERS = 4 };

static struct node *node;
static struct node_buffer bufs[BUFFERS]; /* come and go */
static atomic_uint rounds, running;

struct worker {
	struct loop_thread *thread;
	struct node_buffer own; /* registered all the time */
	unsigned nr;
};

static void co_requests(void *opaque)
{
	struct worker *w = opaque;
	uint64_t offset = w->nr * BLOCK;
	char other[BLOCK];

	for (int i = 0; i < TIMES; i++) {
		memset(w->own.addr, i, BLOCK);
		check_int(node_co_pwrite(node, offset, w->own.addr, BLOCK, 0),
			  0);
		check_int(node_co_pread(node, offset, other, BLOCK, 0), 0);
		check(!memcmp(other, w->own.addr, BLOCK));
	}
	atomic_fetch_sub(&running, 1);
}

static void start(void *opaque)
{
	check_int(co_start(co_requests, opaque), 0);
}

static bool all_done(void *opaque)
{
	struct err err = ERR_INIT;

	for (int i = 0; i < BUFFERS; i++)
		if (atomic_fetch_add(&rounds, 1) % 2)
			node_unregister_buf(node, &bufs[i]);
		else
			node_register_buf(node, &bufs[i], &err);
	return atomic_load(&running) == 0;
}

static void wake(struct loop_bh *bh)
{
	loop_bh_schedule(bh); /* the loop never sleeps */
}

int main(void)
{
	struct loop *loops[THREADS + 1] = {NULL};
	struct worker workers[THREADS];
	struct err err = ERR_INIT;
	struct loop_bh bh;

	test_begin();
	loops[0] = test_loop;
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].nr = i;
		check_int(loop_thread_start("worker", &workers[i].thread, &err),
			  0);
		loops[i + 1] = loop_thread_loop(workers[i].thread);
	}
	check_int(open_on("driver=ram,size=1M,needs-mem-regions=true,"
			  "mem-region-alignment=4096",
			  loops, THREADS + 1, &node, &err),
		  0);
	for (int i = 0; i < BUFFERS; i++) {
		check(posix_memalign(&bufs[i].addr, BLOCK, BLOCK) == 0);
		bufs[i].len = BLOCK;
		bufs[i].fd = -1;
	}
	atomic_store(&running, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		check_int(node_buffer_alloc(node, BLOCK, &workers[i].own), 0);
		loop_call(loops[i + 1], start, &workers[i]);
	}
	loop_bh_init(&bh, test_loop, wake);
	loop_bh_schedule(&bh);
	loop_run_until(test_loop, all_done, NULL);
	loop_bh_cancel(&bh);
	for (unsigned i = 0; i < THREADS; i++)
		node_buffer_free(node, &workers[i].own);
	close_disk(node);
	for (unsigned i = 0; i < THREADS; i++)
		loop_thread_stop(workers[i].thread);
	for (int i = 0; i < BUFFERS; i++)
		free(bufs[i].addr);
	test_end();
	return 0;
}
