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
 * Failure: when blkioq_do_io() fails (the kernel is short of memory, say) all
 * requests stay where they are and it is tried again, for a request may end
 * only when the device has let go of its buffer. Slots for requests are
 * reserved ahead, so none is lost for want of memory: it fails before it is
 * made. Threads: the loop's own.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "block/drivers/blkio.h"
#include "util/clock.h"

/* Completions fetched at a time, and slots reserved at a time */
#define BATCH 64

/* How long to leave the library alone after an error */
#define RETRY_NS (10 * NS_PER_MS)

struct queue {
	struct blkioq *q;
	struct loop *loop;
	struct loop_fd fd;	  /* the completion fd */
	struct loop_defer submit; /* hand over at the end of the section */
	struct loop_bh failed;	  /* blkioq_do_io() did: arm the timer */
	struct loop_timer retry;
	unsigned in_flight;	  /* requests */
	unsigned reserved;	  /* requests that the library has memory for */
	int next, end;		  /* [next, end) of batch is to be delivered */
	struct blkio_completion batch[BATCH];
};

/* One request, on its coroutine's stack. */
struct call {
	struct co *co;
	int ret;
	bool done;
	bool yielded; /* the coroutine is to be entered when done */
};

/* Submit what is queued; fetch completions if the batch is used up. */
static void submit_and_fetch(struct queue *queue)
{
	bool fetch = queue->next == queue->end;
	int n = blkioq_do_io(queue->q, fetch ? queue->batch : NULL, 0,
			     fetch ? BATCH : 0, NULL);

	if (unlikely(n < 0)) /* not the timer: we may be in a poll callback */
		loop_bh_schedule(&queue->failed);
	if (fetch) {
		queue->next = 0;
		queue->end = MAX(n, 0);
	}
}

static void retry_later(struct loop_bh *bh)
{
	struct queue *queue = container_of(bh, struct queue, failed);

	if (loop_timer_arm(queue->loop, &queue->retry,
			   clock_now_ns() + RETRY_NS) < 0)
		submit_and_fetch(queue); /* busy, but not stuck */
}

static void retry(struct loop_timer *timer)
{
	submit_and_fetch(container_of(timer, struct queue, retry));
}

static void call_done(struct queue *queue, struct call *call, int ret)
{
	queue->in_flight--;
	call->ret = ret;
	call->done = true;
	if (call->yielded)
		co_enter(call->co);
}

static void deliver(struct queue *queue)
{
	while (queue->next < queue->end) {
		struct blkio_completion *c = &queue->batch[queue->next++];

		call_done(queue, c->user_data, c->ret);
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
		if (!queue->in_flight)
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

	/* only clears the signal, if it is still there; the batch tells what
	 * there is */
	(void)!read(fd->fd, &count, sizeof(count));
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
	loop_bh_init(&queue->failed, nl->loop, retry_later);
	loop_timer_init(&queue->retry, retry);
	queue->reserved = BATCH;
	ret = blkioq_reserve(queue->q, queue->reserved);
	if (ret < 0)
		err_set(err, -ret, "no memory for a queue");
	else
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

	assert(!queue->in_flight);
	loop_bh_cancel(&queue->failed);
	loop_timer_cancel(nl->loop, &queue->retry);
	loop_defer_cancel(nl->loop, &queue->submit);
	loop_fd_remove(&queue->fd);
	free(queue);
}

/* ---- requests ---- */

/* The queue to make the request on, or NULL: there is no memory for it. */
static struct queue *call_begin(struct node_loop *nl, struct call *call)
{
	struct queue *queue = nl->opaque;

	if (unlikely(queue->in_flight == queue->reserved)) {
		if (blkioq_reserve(queue->q, queue->reserved + BATCH) < 0)
			return NULL;
		queue->reserved += BATCH;
	}
	queue->in_flight++;
	call->co = co_self();
	call->done = false;
	call->yielded = false;
	return queue;
}

/* The request is queued: have it submitted, and wait for it. */
static int co_call_wait(struct queue *queue, struct call *call)
{
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

	if (unlikely(!queue))
		return -ENOMEM;
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

	if (unlikely(!queue))
		return -ENOMEM;
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

	if (unlikely(!queue))
		return -ENOMEM;
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

	if (unlikely(!queue))
		return -ENOMEM;
	blkioq_discard(queue->q, offset, bytes, &call, 0);
	return co_call_wait(queue, &call);
}

int blkio_co_flush(struct node_loop *nl)
{
	struct call call;
	struct queue *queue = call_begin(nl, &call);

	if (unlikely(!queue))
		return -ENOMEM;
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

	if (unlikely(!queue))
		return -ENOMEM;
	blkioq_block_status(queue->q, offset, bytes,
			    (struct blkio_extent *)extents, (uint32_t)max,
			    &call, 0);
	return co_call_wait(queue, &call);
}
