/* SPDX-License-Identifier: MIT */
/*
 * bench through the block layer: each thread has a loop, and depth coroutines
 * that make one request after the other. The main loop is the first thread's.
 *
 * Threads: open, start and close on the main thread; the slots of a worker on
 * its loop.
 */
#include <errno.h>
#include <stdlib.h>

#include "block/node.h"
#include "cli/bench.h"
#include "cli/bench_buffer.h"
#include "cli/threads.h"
#include "loop/co.h"

struct node_backend {
	struct node *node;
	struct loop *loops[BENCH_MAX_THREADS];
	struct loop_thread *threads[BENCH_MAX_THREADS]; /* the first is NULL */
};

/* A worker on its loop */
struct node_worker {
	struct bench_worker *w;
	struct node *node;
	char *buffers;	   /* depth of them */
	size_t stride;	   /* bytes from one to the next */
	unsigned nr_slots; /* given out to coroutines */
	unsigned running;  /* coroutines */
};

static void backend_close(struct bench *bench)
{
	struct node_backend *nb = bench->backend;

	for (unsigned i = 0; bench->workers && i < bench->nr_threads; i++) {
		struct node_worker *nw = bench->workers[i].backend;

		if (nw)
			free(nw->buffers);
		free(nw);
	}
	if (nb->node)
		node_close(nb->node, NULL);
	threads_stop(nb->threads, bench->nr_threads);
	free(nb);
}

static int backend_open(struct bench *bench, struct options *opts,
			struct err *err)
{
	struct node_backend *nb = calloc(1, sizeof(*nb));
	int ret;

	if (!nb)
		return err_set(err, ENOMEM, "no memory for the benchmark");
	bench->backend = nb;
	nb->loops[0] = bench->loop;
	ret = threads_start(nb->loops, nb->threads, bench->nr_threads, err);
	if (ret == 0)
		ret = node_open(opts, nb->loops, (int)bench->nr_threads,
				&nb->node, err);
	if (ret < 0) {
		backend_close(bench);
		return ret;
	}
	bench->size_bytes = node_size(nb->node);
	return 0;
}

static void co_slot(void *opaque)
{
	struct node_worker *nw = opaque;
	struct bench_worker *w = nw->w;
	const size_t bytes = w->bench->block_bytes;
	const bool writes = w->bench->writes;
	char *buf = nw->buffers + nw->nr_slots++ * nw->stride;
	uint64_t begin = ticks_now(), offset;
	int ret;

	do {
		if (!bench_next(w, &offset))
			break;
		ret = writes ? node_co_pwrite(nw->node, offset, buf, bytes, 0)
			     : node_co_pread(nw->node, offset, buf, bytes, 0);
	} while (bench_complete(w, offset, ret, &begin));
	if (--nw->running == 0)
		loop_bh_schedule(&w->done);
}

/* On the worker's loop */
static void slots_start(void *opaque)
{
	struct node_worker *nw = opaque;
	struct bench_worker *w = nw->w;
	unsigned depth = w->bench->depth;

	/* held by this function, so that done comes when all have started */
	nw->running = 1;
	for (unsigned i = 0; i < depth; i++) {
		nw->running++;
		if (co_start(co_slot, nw) < 0) {
			nw->running--;
			w->ret = -ENOMEM;
			atomic_store(&w->bench->stop, true);
			break;
		}
	}
	if (--nw->running == 0)
		loop_bh_schedule(&w->done);
}

static int backend_prepare(struct bench_worker *w)
{
	struct bench *bench = w->bench;
	struct node_backend *nb = bench->backend;
	struct node_worker *nw = calloc(1, sizeof(*nw));

	w->backend = nw;
	if (nw) {
		nw->w = w;
		nw->node = nb->node;
		nw->stride = bench_stride(
			bench, node_limits(nb->node)->optimal_buf_alignment);
		nw->buffers =
			node_alloc_buffer(nb->node, bench->depth * nw->stride);
	}
	if (!nw || !nw->buffers)
		return -ENOMEM;
	bench_fill(nw->buffers, bench->depth * nw->stride);
	return 0;
}

static void backend_start(struct bench_worker *w)
{
	struct node_backend *nb = w->bench->backend;

	loop_call(nb->loops[w - w->bench->workers], slots_start, w->backend);
}

const struct bench_backend bench_node = {
	.name = "block layer",
	.open = backend_open,
	.prepare = backend_prepare,
	.start = backend_start,
	.close = backend_close,
};
