/* SPDX-License-Identifier: MIT */
/*
 * A queue: set up, hand over, wait, tear down.
 *
 * process() makes one io_uring_enter(2) that hands over what was submitted
 * and waits as well; with nothing to hand over and nothing to wait for it
 * makes none.
 *
 * Where CQEs come only when asked for (a poll queue's, a single issuer's) the
 * same call asks (iou_queue.pull); with nothing to hand over, only when there
 * is something to ask for.
 *
 * Failure modes: a single issuer's queue on another thread (-EPERM); the
 * kernel short of memory while submitting (retried for
 * about a second, then -EAGAIN; nothing is lost); requests that don't end in
 * time when the queue goes (given up after IOU_EXIT_WAIT_NS).
 *
 * Thread rule: init and exit under the instance's lock, the rest on the
 * queue's thread.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libblkio/do_io.h"
#include "libblkio/drivers/io_uring/buffers.h"
#include "util/clock.h"
#include "util/signals.h"

#define STALL_PAUSE_NS NS_PER_MS
#define STALLS_MAX 1000

/* Hand the SQEs filled so far to the kernel, and wait for min CQEs. */
static int enter(struct iou_queue *q, unsigned min, unsigned flags,
		 struct io_uring_getevents_arg *arg)
{
	int ret;

	io_uring_smp_store_release(q->ring.sq.ktail, q->tail);
	flags |= q->enter_flags | (min ? IORING_ENTER_GETEVENTS : 0);
	ret = io_uring_enter2((unsigned)q->enter_fd, q->tail - q->head, min,
			      flags, (sigset_t *)arg,
			      arg ? sizeof(*arg) : IOU_SIGSET_BYTES);
	if (likely(ret >= 0)) {
		q->head += (unsigned)ret;
		return 0;
	}
	return ret;
}

/* ---- set up ---- */

/* The completion fd, which is on from the start. */
static int signal_init(struct iou_queue *q, struct err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int ret;

	if (fd < 0)
		return err_sys(err, errno, "make an eventfd");
	ret = io_uring_register_eventfd(&q->ring, fd);
	if (ret < 0) {
		close(fd);
		return err_sys(err, -ret, "register an eventfd with io_uring");
	}
	q->base.completion_fd = fd;
	q->base.completion_fd_enabled = true;
	return 0;
}

static int parts_init(struct iou_queue *q, struct err *err)
{
	int ret = iou_buffers_init(q, err);

	if (ret < 0)
		return ret;
	ret = worker_port_init(&q->port, &iouq_dev(q)->workers, err);
	if (ret < 0)
		goto out_buffers;
	q->base.completion_fd = -1;
	if (!q->base.poll)
		ret = signal_init(q, err);
	if (ret < 0)
		goto out_port;
	return 0;
out_port:
	worker_port_exit(&q->port);
out_buffers:
	iou_buffers_exit(q);
	return ret;
}

int iou_queue_init(struct blkioq *bq, struct err *err)
{
	struct iou_queue *q = to_iouq(bq);
	int ret = iou_ring_init(q, err);

	if (ret < 0)
		return ret;
	q->head = q->tail = q->owed = q->jobs = 0;
	request_fifo_init(&q->again);
	list_init(&q->rests);
	q->wake_armed = false;
	q->wake.base.plain = false;
	q->wake.left = IOU_LEFT_UNKNOWN;
	q->wake.opcode = IORING_OP_POLL_ADD;
	ret = parts_init(q, err);
	if (ret < 0)
		iou_ring_exit(q);
	q->unusual = q->pull || q->buffers || iouq_dev(q)->single_issuer;
	return ret;
}

void iou_completion_fd_changed(struct blkioq *bq)
{
	struct iou_queue *q = to_iouq(bq);

	/* fails only before Linux 5.8, where it stays on: allowed */
	io_uring_cq_eventfd_toggle(&q->ring, bq->completion_fd_enabled);
	/* the kernel must see it before our caller looks at the CQ again */
	if (bq->completion_fd_enabled)
		atomic_thread_fence(memory_order_seq_cst);
}

/* ---- wait ---- */

/* Have the kernel show CQEs that it holds back. */
static void pull(struct iou_queue *q)
{
	bool held = q->base.poll ? q->owed > 0 :
				   IO_URING_READ_ONCE(*q->ring.sq.kflags) &
					   IORING_SQ_TASKRUN;

	if (held)
		enter(q, 0, IORING_ENTER_GETEVENTS, NULL);
}

/*
 * One look at a poll queue's device, since the kernel knows of no timeout when
 * it polls; and one at signals, if sig is the mask of those that count.
 */
static int enter_polling(struct iou_queue *q, const sigset_t *sig)
{
	const struct timespec at_once = { 0, 0 };
	int ret = enter(q, 0, IORING_ENTER_GETEVENTS, NULL);

	if (ret == 0 && sig && ppoll(NULL, 0, &at_once, sig) < 0)
		ret = -errno;
	return ret;
}

static int enter_until(struct iou_queue *q, unsigned min,
		       const struct timespec *timeout, const sigset_t *sig)
{
	struct __kernel_timespec ts;
	struct io_uring_getevents_arg arg = {
		.sigmask = (uintptr_t)sig,
		.sigmask_sz = IOU_SIGSET_BYTES,
	};

	if (timeout) {
		ts.tv_sec = timeout->tv_sec;
		ts.tv_nsec = timeout->tv_nsec;
		arg.ts = (uintptr_t)&ts;
	}
	return enter(q, min, IORING_ENTER_EXT_ARG, &arg);
}

static int poll_ring(struct iou_queue *q, const struct timespec *timeout,
		     const sigset_t *sig)
{
	struct pollfd pfd = { .fd = q->ring.ring_fd, .events = POLLIN };
	int ret = ppoll(&pfd, 1, timeout, sig);

	if (ret == 0)
		return -ETIME;
	return ret < 0 ? -errno : 0;
}

/*
 * Hand over, then wait. Two calls, for what one would get wrong: a signal
 * during io_uring_enter(2) shows as the number handed over. The second one
 * polls the ring, where it can: before Linux 5.11 io_uring_enter(2) takes no
 * timeout; and valgrind (3.19) doesn't know that it blocks, so that signals
 * and other threads have to wait: also the workers, whose jobs we are waiting
 * for. A ring that holds CQEs back doesn't wake who polls it.
 */
static int enter_then_wait(struct iou_queue *q, unsigned min,
			   const struct timespec *timeout, const sigset_t *sig)
{
	int ret;

	if (q->tail != q->head) {
		ret = enter(q, 0, q->pull, NULL);
		if (ret < 0 || q->tail != q->head ||
		    io_uring_cq_ready(&q->ring) >= min)
			return ret;
	}
	return q->pull ? enter_until(q, min, timeout, sig) :
			 poll_ring(q, timeout, sig);
}

/* Hand over and wait for min CQEs within w's bounds. */
static int enter_bounded(struct iou_queue *q, unsigned min,
			 const struct queue_wait *w)
{
	bool timed = w->deadline_ns != INT64_MAX;
	int64_t left_ns = timed ? w->deadline_ns - clock_now_ns() : 0;
	struct timespec timeout = { 0, 0 };

	if (left_ns > 0) {
		timeout.tv_sec = left_ns / NS_PER_SEC;
		timeout.tv_nsec = left_ns % NS_PER_SEC;
	} else if (timed && q->tail == q->head) {
		return -ETIME;
	}
	if (q->base.poll)
		return enter_polling(q, w->sig);
	if (w->interruptible || q->jobs ||
	    !(q->ring.features & IORING_FEAT_EXT_ARG))
		return enter_then_wait(q, min, timed ? &timeout : NULL, w->sig);
	return enter_until(q, min, &timeout, NULL);
}

/* One try to hand over and to wait for `missing` more completions. */
static int enter_and_wait(struct iou_queue *q, unsigned missing,
			  const struct queue_wait *w)
{
	unsigned min = MIN(missing, q->owed);
	int ret;

	if (unlikely(q->jobs)) /* one CQE may tell of any number of them */
		min = MIN(min, 1u);

	if (min && unlikely(w->interruptible || q->jobs ||
			    w->deadline_ns != INT64_MAX))
		ret = enter_bounded(q, min, w);
	else
		ret = enter(q, min, q->pull, NULL);
	if (unlikely(ret == -EINTR) && !w->interruptible)
		ret = 0;
	return ret;
}

/* The kernel has no memory for requests right now, or completions pile up. */
static bool stalled(int ret, unsigned *stalls)
{
	const struct timespec pause = { .tv_nsec = STALL_PAUSE_NS };

	if ((ret != -EAGAIN && ret != -EBUSY) || ++*stalls > STALLS_MAX)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

/* Give requests of the again list an SQE each. */
static void requeue(struct iou_queue *q)
{
	while (q->again.head && iou_has_room(q))
		iou_fill(q, to_iour(request_fifo_pop(&q->again)));
}

static void reap(struct iou_queue *q)
{
	iou_reap(q);
	if (unlikely(q->again.head))
		requeue(q);
}

/* What a queue needs before all else when it is not the usual one. */
static __attribute__((noinline)) int prepare(struct iou_queue *q, bool do_reap)
{
	int ret = 0;

	if (!iou_on_thread(q))
		return -EPERM;
	if (q->disabled)
		ret = iou_ring_bind(q);
	if (ret == 0 && q->buffers && iou_buffers_changed(q))
		iou_buffers_update(q);
	/* an error will be met again where there is something to wait for */
	if (ret == 0 && do_reap && q->pull && q->tail == q->head)
		pull(q);
	return ret;
}

static int process(struct iou_queue *q, unsigned want, bool do_reap,
		   const struct queue_wait *wait)
{
	struct blkioq *bq = &q->base;
	unsigned goal = bq->ready + want, missing = want, stalls = 0;
	int ret = 0;

	if (unlikely(q->unusual)) {
		ret = prepare(q, do_reap);
		if (ret < 0)
			return ret;
	}
	/* what is there already costs no system call */
	if (q->tail == q->head && do_reap) {
		reap(q);
		missing = bq->ready < goal ? goal - bq->ready : 0;
	}
	while (q->tail != q->head || (missing && q->owed)) {
		ret = enter_and_wait(q, missing, wait);
		if (do_reap)
			reap(q);
		missing = bq->ready < goal ? goal - bq->ready : 0;
		if (unlikely(ret < 0)) {
			if (!stalled(ret, &stalls))
				break;
			ret = 0;
		}
	}
	if (ret == -ETIME || ret == -EINTR)
		return missing ? ret : 0;
	return ret;
}

/*
 * A poll queue asks the kernel again and again: a signal that comes between
 * must wait until it is looked for.
 */
static int process_holding_signals(struct iou_queue *q, unsigned want,
				   bool do_reap, const struct queue_wait *wait)
{
	struct queue_wait held = *wait;
	sigset_t before;
	int ret;

	signals_block(&before);
	held.sig = &before;
	ret = process(q, want, do_reap, &held);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int iou_process(struct blkioq *bq, unsigned want, bool do_reap,
		const struct queue_wait *wait)
{
	if (unlikely(bq->poll && wait->interruptible))
		return process_holding_signals(to_iouq(bq), want, do_reap,
					       wait);
	return process(to_iouq(bq), want, do_reap, wait);
}

/*
 * Hand over and reap once; whatever calls for more goes the long way. Not
 * inlined, so that looking in vain saves no registers.
 */
static __attribute__((noinline)) int
do_io_once(struct iou_queue *q, struct blkio_completion *completions,
	   unsigned min, unsigned max)
{
	unsigned n = 0;

	if (q->tail != q->head) {
		queue_count_outstanding(&q->base);
		/* a wait for workers needs another way to wait */
		if (unlikely(q->jobs || enter(q, min, q->pull, NULL) < 0 ||
			     q->tail != q->head))
			goto rest;
	}
	if (max > 0)
		n = iou_reap_into(q, completions, max);
	if (likely(n >= min && !q->base.ready && !q->again.head))
		return (int)n;
rest:
	return queue_do_io_rest(&q->base, completions, n, min, max);
}

/* As iou_do_io(), of a queue that is not the usual one. */
static int
do_io_unusual(struct iou_queue *q, struct blkio_completion *completions,
	      unsigned min, unsigned max)
{
	if (!iou_on_thread(q) || q->disabled ||
	    (q->buffers && iou_buffers_changed(q)) ||
	    (q->pull && q->tail == q->head))
		return queue_do_io_rest(&q->base, completions, 0, min, max);
	return do_io_once(q, completions, min, max);
}

int iou_do_io(struct blkioq *bq, struct blkio_completion *completions,
	      unsigned min, unsigned max)
{
	struct iou_queue *q = to_iouq(bq);

	if (unlikely(q->unusual))
		return do_io_unusual(q, completions, min, max);
	/* those who poll ask again and again */
	if (q->tail == q->head && min == 0 && !iou_has_cqes(q))
		return 0;
	return do_io_once(q, completions, min, max);
}

/* ---- tear down ---- */

/*
 * The kernel should be done with the caller's memory once the queue is gone:
 * cancel what can be cancelled, wait for the rest, but not for ever.
 */
static void settle(struct iou_queue *q)
{
	struct io_uring_sync_cancel_reg cancel = {
		.flags = IORING_ASYNC_CANCEL_ANY,
		.timeout = { .tv_sec = IOU_EXIT_WAIT_NS / NS_PER_SEC },
	};
	struct queue_wait wait = {
		.deadline_ns = clock_now_ns() + IOU_EXIT_WAIT_NS,
	};
	unsigned stalls = 0;
	int ret = 0;

	/* never handed over */
	q->owed -= q->tail - q->head;
	q->tail = q->head;
	if (!q->owed || !iou_on_thread(q))
		return;
	/* before Linux 6.0 this fails, and all is waited for */
	io_uring_register_sync_cancel(&q->ring, &cancel);
	while (q->owed && ret == 0) {
		unsigned nr = io_uring_cq_ready(&q->ring);

		io_uring_cq_advance(&q->ring, nr);
		q->owed -= nr;
		if (q->owed && nr == 0)
			ret = enter_and_wait(q, q->owed, &wait);
		if (stalled(ret, &stalls))
			ret = 0;
	}
}

void iou_queue_exit(struct blkioq *bq)
{
	struct iou_queue *q = to_iouq(bq);

	/* ends the wake-up's poll, where it can't be cancelled */
	if (q->wake_armed)
		worker_port_wake(&q->port);
	settle(q);
	worker_port_exit(&q->port);
	iou_buffers_exit(q);
	iou_ring_exit(q);
	if (bq->completion_fd >= 0)
		close(bq->completion_fd);
	while (!list_empty(&q->rests))
		free(list_entry(list_pop_front(&q->rests), struct iou_iov,
				link));
}
