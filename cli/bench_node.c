/* SPDX-License-Identifier: MIT */
/*
 * bench through the block layer: each thread has a loop, and depth slots that
 * make one request after the other. Each request is a coroutine of its own,
 * as it is in a server. The main loop is the first thread's.
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

struct node_worker;

/* One request at a time */
struct slot {
	struct node_worker *nw;
	char *buf;
	uint64_t begin; /* ticks: when the current request was begun */
};

/* A worker on its loop */
struct node_worker {
	struct bench_worker *w;
	struct node *node;
	struct node_buffer buffers; /* of all slots */
	unsigned running;	    /* slots */
	struct slot slots[];
};

static void backend_close(struct bench *bench)
{
	struct node_backend *nb = bench->backend;

	for (unsigned i = 0; bench->workers && i < bench->nr_threads; i++) {
		struct node_worker *nw = bench->workers[i].backend;

		if (nw)
			node_buffer_free(nb->node, &nw->buffers);
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

static void slot_end(struct node_worker *nw)
{
	if (--nw->running == 0)
		loop_bh_schedule(&nw->w->done);
}

static void slot_next(struct slot *slot);

static void co_request(void *opaque)
{
	struct slot *slot = opaque;
	struct node *node = slot->nw->node;
	struct bench_worker *w = slot->nw->w;
	const size_t bytes = w->bench->block_bytes;
	uint64_t offset;
	int ret;

	if (!bench_next(w, &offset)) {
		slot_end(slot->nw);
		return;
	}
	ret = w->bench->writes
		      ? node_co_pwrite(node, offset, slot->buf, bytes, 0)
		      : node_co_pread(node, offset, slot->buf, bytes, 0);
	if (bench_complete(w, offset, ret, &slot->begin))
		slot_next(slot);
	else
		slot_end(slot->nw);
}

/* From the coroutine before, which ends when the new one first yields. */
static void slot_next(struct slot *slot)
{
	struct bench_worker *w = slot->nw->w;

	if (co_start(co_request, slot) == 0)
		return;
	w->ret = -ENOMEM;
	atomic_store(&w->bench->stop, true);
	slot_end(slot->nw);
}

/* On the worker's loop */
static void slots_start(void *opaque)
{
	struct node_worker *nw = opaque;

	/* held by this function, so that done comes when all have started */
	nw->running = 1;
	for (unsigned i = 0; i < nw->w->bench->depth; i++) {
		nw->running++;
		nw->slots[i].begin = ticks_now();
		slot_next(&nw->slots[i]);
	}
	slot_end(nw);
}

static int backend_prepare(struct bench_worker *w)
{
	struct bench *bench = w->bench;
	struct node_backend *nb = bench->backend;
	size_t stride = bench_stride(
		bench, node_limits(nb->node)->optimal_buf_alignment);
	struct node_worker *nw =
		calloc(1, sizeof(*nw) + bench->depth * sizeof(nw->slots[0]));
	int ret;

	if (!nw)
		return -ENOMEM;
	w->backend = nw;
	nw->w = w;
	nw->node = nb->node;
	ret = node_buffer_alloc(nb->node, bench->depth * stride, &nw->buffers);
	if (ret < 0)
		return ret;
	bench_fill(nw->buffers.addr, bench->depth * stride);
	for (unsigned i = 0; i < bench->depth; i++)
		nw->slots[i] = (struct slot){
			.nw = nw,
			.buf = (char *)nw->buffers.addr + i * stride,
		};
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
