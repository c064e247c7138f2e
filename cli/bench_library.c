/* SPDX-License-Identifier: MIT */
/*
 * bench through <blkio.h> alone: each thread has a queue (a poll queue, if
 * asked for), keeps depth requests in it, and waits for completions in
 * blkioq_do_io(), which submits what the last batch has made.
 *
 * Threads: open, start and close on the main thread.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "block/instance.h"
#include "cli/bench.h"
#include "cli/bench_buffer.h"

struct slot {
	char *buf;
	uint64_t offset; /* of the request in flight */
	uint64_t begin;	 /* ticks */
};

struct library_worker {
	struct bench_worker *w;
	pthread_t thread;
	struct blkioq *q;
	struct slot *slots;
	struct blkio_completion *completions; /* depth of them */
};

struct library_backend {
	struct blkio *b;
	struct blkio_mem_region region; /* the buffers of all workers */
	size_t stride;
};

static void library_worker_free(struct library_worker *lw)
{
	if (!lw)
		return;
	free(lw->slots);
	free(lw->completions);
	free(lw);
}

static void backend_close(struct bench *bench)
{
	struct library_backend *lb = bench->backend;

	for (unsigned i = 0; bench->workers && i < bench->nr_threads; i++) {
		struct library_worker *lw = bench->workers[i].backend;

		if (lw && lw->thread)
			pthread_join(lw->thread, NULL);
		library_worker_free(lw);
	}
	blkio_destroy(&lb->b);
	free(lb);
}

/* Memory for all buffers, mapped: for drivers that need or like that. */
static int region_map(struct bench *bench, struct err *err)
{
	struct library_backend *lb = bench->backend;
	uint64_t region_align;
	int align, ret;

	ret = blkio_get_int(lb->b, "optimal-buf-alignment", &align);
	if (ret == 0)
		ret = blkio_get_uint64(lb->b, "mem-region-alignment",
				       &region_align);
	if (ret < 0)
		return instance_error("reading the alignment", ret, err);
	lb->stride = bench_stride(bench, (size_t)align);
	ret = blkio_alloc_mem_region(lb->b, &lb->region,
				     ALIGN_UP((uint64_t)bench->nr_threads *
						      bench->depth * lb->stride,
					      region_align));
	if (ret < 0)
		return instance_error("allocating buffers", ret, err);
	bench_fill(lb->region.addr, lb->region.len);
	ret = blkio_map_mem_region(lb->b, &lb->region);
	return ret < 0 ? instance_error("mapping buffers", ret, err) : 0;
}

static int queues_make(struct bench *bench, struct err *err)
{
	struct library_backend *lb = bench->backend;
	int nr = (int)bench->nr_threads, ret;

	ret = blkio_set_int(lb->b, "num-queues", bench->poll_queues ? 0 : nr);
	if (ret == 0)
		ret = blkio_set_int(lb->b, "num-poll-queues",
				    bench->poll_queues ? nr : 0);
	if (ret == 0)
		ret = blkio_start(lb->b);
	return ret < 0 ? instance_error("starting", ret, err) : 0;
}

static int backend_open(struct bench *bench, struct options *opts,
			struct err *err)
{
	struct library_backend *lb = calloc(1, sizeof(*lb));
	int ret;

	if (!lb)
		return err_set(err, ENOMEM, "no memory for the benchmark");
	bench->backend = lb;
	ret = instance_connect(opts, &lb->b, err);
	if (ret == 0) {
		ret = blkio_get_uint64(lb->b, "capacity", &bench->size_bytes);
		if (ret < 0)
			instance_error("reading the size", ret, err);
	}
	if (ret == 0)
		ret = queues_make(bench, err);
	if (ret == 0)
		ret = region_map(bench, err);
	if (ret < 0) {
		blkio_destroy(&lb->b);
		free(lb);
	}
	return ret;
}

/* Make the slot's next request; false: no more are wanted. */
static bool request_make(struct library_worker *lw, struct slot *slot)
{
	struct bench *bench = lw->w->bench;

	if (!bench_next(lw->w, &slot->offset))
		return false;
	if (bench->writes)
		blkioq_write(lw->q, slot->offset, slot->buf, bench->block_bytes,
			     slot, 0);
	else
		blkioq_read(lw->q, slot->offset, slot->buf, bench->block_bytes,
			    slot, 0);
	return true;
}

static void *worker_thread(void *opaque)
{
	struct library_worker *lw = opaque;
	struct bench_worker *w = lw->w;
	int depth = (int)w->bench->depth, in_flight = 0;

	for (int i = 0; i < depth; i++) {
		lw->slots[i].begin = ticks_now();
		in_flight += request_make(lw, &lw->slots[i]);
	}
	while (in_flight > 0) {
		int n = blkioq_do_io(lw->q, lw->completions, 1, depth, NULL);

		if (n < 0) {
			/* the queue is lost, and what is in flight with it */
			w->ret = n;
			atomic_store(&w->bench->stop, true);
			break;
		}
		for (int i = 0; i < n; i++) {
			struct slot *slot = lw->completions[i].user_data;

			if (!bench_complete(w, slot->offset,
					    lw->completions[i].ret,
					    &slot->begin) ||
			    !request_make(lw, slot))
				in_flight--;
		}
	}
	loop_bh_schedule(&w->done);
	return NULL;
}

static int library_worker_init(struct library_worker *lw,
			       struct bench_worker *w)
{
	struct bench *bench = w->bench;
	struct library_backend *lb = bench->backend;
	unsigned index = (unsigned)(w - bench->workers);
	char *buffers = (char *)lb->region.addr +
			(size_t)index * bench->depth * lb->stride;

	lw->w = w;
	lw->q = bench->poll_queues ? blkio_get_poll_queue(lb->b, (int)index)
				   : blkio_get_queue(lb->b, (int)index);
	/* nobody looks at it, and every signal would cost */
	blkioq_set_completion_fd_enabled(lw->q, false);
	lw->slots = calloc(bench->depth, sizeof(*lw->slots));
	lw->completions = calloc(bench->depth, sizeof(*lw->completions));
	if (!lw->slots || !lw->completions)
		return -ENOMEM;
	for (unsigned i = 0; i < bench->depth; i++)
		lw->slots[i].buf = buffers + i * lb->stride;
	return 0;
}

static int backend_prepare(struct bench_worker *w)
{
	struct library_worker *lw = calloc(1, sizeof(*lw));

	w->backend = lw;
	return lw ? library_worker_init(lw, w) : -ENOMEM;
}

static void backend_start(struct bench_worker *w)
{
	struct library_worker *lw = w->backend;
	pthread_t thread;
	/* from here on *w is the thread's */
	int ret = -pthread_create(&thread, NULL, worker_thread, lw);

	if (ret == 0) {
		lw->thread = thread;
	} else {
		w->ret = ret;
		atomic_store(&w->bench->stop, true);
		loop_bh_schedule(&w->done);
	}
}

const struct bench_backend bench_library = {
	.name = "library",
	.open = backend_open,
	.prepare = backend_prepare,
	.start = backend_start,
	.close = backend_close,
};
