/* SPDX-License-Identifier: MIT */
/*
 * The blkio block driver, queue half: one blkioq on one loop, and the
 * coroutine calls that use it.
 *
 * A request is queued in the library and its coroutine yields. The plugged
 * section's end hands all of them over in one blkioq_do_io(), which brings
 * back whatever has completed already. Completions are processed from the
 * loop's poll callback, or when the completion fd says so; only while the
 * loop sleeps is the fd signalled at all.
 *
 * Completions are taken out of the batch one by one before their coroutine
 * is entered, so when one of them runs a nested loop, that goes on with the
 * rest of the batch and each is seen once.
 *
 * Failure: a queue that blkioq_do_io() reports as broken fails all its
 * requests, present and future, with that error. Threads: the loop's own.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "block/drivers/blkio.h"

/* Completions fetched at a time */
#define BATCH 64

struct queue {
	struct blkioq *q;
	struct loop *loop;
	struct loop_fd fd;	  /* the completion fd */
	struct loop_defer submit; /* hand over at the end of the section */
	struct list in_flight;	  /* struct call */
	int broken;		  /* -errno once the queue is dead, else 0 */
	int next, end;		  /* [next, end) of batch is to be delivered */
	struct blkio_completion batch[BATCH];
};

/* One request, on its coroutine's stack. */
struct call {
	struct list_node link;
	struct co *co;
	int ret;
	bool done;
	bool yielded; /* the coroutine is to be entered when done */
};

static void call_done(struct call *call, int ret)
{
	list_remove(&call->link);
	call->ret = ret;
	call->done = true;
	if (call->yielded)
		co_enter(call->co);
}

static void queue_break(struct queue *queue, int ret)
{
	struct list_node *n;

	queue->broken = ret;
	while ((n = list_pop_front(&queue->in_flight)))
		call_done(list_entry(n, struct call, link), ret);
}

/* Submit what is queued; fetch completions if the batch is used up. */
static void submit_and_fetch(struct queue *queue)
{
	bool fetch = queue->next == queue->end;
	int n = blkioq_do_io(queue->q, fetch ? queue->batch : NULL, 0,
			     fetch ? BATCH : 0, NULL);

	if (unlikely(n < 0 && !queue->broken)) {
		queue_break(queue, n);
	} else if (fetch) {
		queue->next = 0;
		queue->end = MAX(n, 0);
	}
}

static void deliver(struct queue *queue)
{
	while (queue->next < queue->end) {
		struct blkio_completion *c = &queue->batch[queue->next++];

		if (likely(!queue->broken))
			call_done(c->user_data, c->ret);
	}
}

static void submit_deferred(struct loop_defer *defer)
{
	submit_and_fetch(container_of(defer, struct queue, submit));
}

static enum loop_poll poll_completions(struct loop_fd *fd)
{
	struct queue *queue = container_of(fd, struct queue, fd);

	if (queue->next == queue->end) {
		if (list_empty(&queue->in_flight))
			return LOOP_POLL_IDLE;
		submit_and_fetch(queue);
	}
	return queue->next < queue->end ? LOOP_POLL_READY : LOOP_POLL_BUSY;
}

static void poll_ready(struct loop_fd *fd)
{
	deliver(container_of(fd, struct queue, fd));
}

static void completion_fd_readable(struct loop_fd *fd)
{
	struct queue *queue = container_of(fd, struct queue, fd);
	uint64_t count;

	/* only clears the signal; the batch tells what there is */
	if (read(fd->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		queue_break(queue, -errno);
	if (queue->next == queue->end)
		submit_and_fetch(queue);
	deliver(queue);
}

static void notify(struct loop_fd *fd, bool on)
{
	struct queue *queue = container_of(fd, struct queue, fd);

	blkioq_set_completion_fd_enabled(queue->q, on);
}

static const struct loop_fd_ops completion_fd_ops = {
	.on_read = completion_fd_readable,
	.poll = poll_completions,
	.poll_ready = poll_ready,
	.notify = notify,
};

int blkio_attach(struct node_loop *nl, struct err *err)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int index = (int)(nl - nl->node->loops), ret;

	if (!queue)
		return err_set(err, ENOMEM, "no memory for a queue");
	queue->q = blkio_get_queue(nl->node->opaque, index);
	assert(queue->q); /* start made one for each loop */
	queue->loop = nl->loop;
	queue->submit.run = submit_deferred;
	queue->fd.fd = blkioq_get_completion_fd(queue->q);
	queue->fd.ops = &completion_fd_ops;
	list_init(&queue->in_flight);
	ret = loop_fd_add(nl->loop, &queue->fd, LOOP_READ, err);
	if (ret < 0) {
		free(queue);
		return ret;
	}
	nl->opaque = queue;
	return 0;
}

void blkio_detach(struct node_loop *nl)
{
	struct queue *queue = nl->opaque;

	assert(list_empty(&queue->in_flight));
	loop_defer_cancel(nl->loop, &queue->submit);
	loop_fd_remove(&queue->fd);
	free(queue);
}

/* ---- requests ---- */

static struct queue *call_begin(struct node_loop *nl, struct call *call)
{
	struct queue *queue = nl->opaque;

	call->co = co_self();
	call->done = false;
	call->yielded = false;
	list_push_back(&queue->in_flight, &call->link);
	return queue;
}

/* The request is queued: have it submitted, and wait for it. */
static int co_call_wait(struct queue *queue, struct call *call)
{
	if (unlikely(queue->broken) && !call->done)
		call_done(call, queue->broken);
	loop_defer(queue->loop, &queue->submit);
	call->yielded = true;
	while (!call->done)
		co_yield ();
	return call->ret;
}

int blkio_co_preadv(struct node_loop *nl, uint64_t offset,
		    const struct iovec *iov, int iovcnt)
{
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	if (iovcnt == 1)
		blkioq_read(queue->q, offset, iov->iov_base, iov->iov_len,
			    &call, 0);
	else
		blkioq_readv(queue->q, offset, iov, iovcnt, &call, 0);
	return co_call_wait(queue, &call);
}

int blkio_co_pwritev(struct node_loop *nl, uint64_t offset,
		     const struct iovec *iov, int iovcnt, unsigned flags)
{
	uint32_t req = flags & NODE_REQ_FUA ? BLKIO_REQ_FUA : 0;
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	if (iovcnt == 1)
		blkioq_write(queue->q, offset, iov->iov_base, iov->iov_len,
			     &call, req);
	else
		blkioq_writev(queue->q, offset, (struct iovec *)iov, iovcnt,
			      &call, req);
	return co_call_wait(queue, &call);
}

int blkio_co_write_zeroes(struct node_loop *nl, uint64_t offset, uint64_t bytes,
			  unsigned flags)
{
	uint32_t req = 0;
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	if (flags & NODE_REQ_FUA)
		req |= BLKIO_REQ_FUA;
	if (!(flags & NODE_REQ_MAY_UNMAP))
		req |= BLKIO_REQ_NO_UNMAP;
	if (flags & NODE_REQ_NO_FALLBACK)
		req |= BLKIO_REQ_NO_FALLBACK;
	blkioq_write_zeroes(queue->q, offset, bytes, &call, req);
	return co_call_wait(queue, &call);
}

int blkio_co_discard(struct node_loop *nl, uint64_t offset, uint64_t bytes)
{
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	blkioq_discard(queue->q, offset, bytes, &call, 0);
	return co_call_wait(queue, &call);
}

int blkio_co_flush(struct node_loop *nl)
{
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	blkioq_flush(queue->q, &call, 0);
	return co_call_wait(queue, &call);
}

/* Extents are handed on in place: the structures agree */
static_assert(sizeof(struct node_extent) == sizeof(struct blkio_extent) &&
		      offsetof(struct node_extent, flags) ==
			      offsetof(struct blkio_extent, flags) &&
		      NODE_EXTENT_ZERO == BLKIO_EXTENT_ZERO &&
		      NODE_EXTENT_HOLE == BLKIO_EXTENT_HOLE,
	      "extents differ");

int blkio_co_block_status(struct node_loop *nl, uint64_t offset, uint64_t bytes,
			  struct node_extent *extents, int max)
{
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	blkioq_block_status(queue->q, offset, bytes,
			    (struct blkio_extent *)extents, (uint32_t)max,
			    &call, 0);
	return co_call_wait(queue, &call);
}
