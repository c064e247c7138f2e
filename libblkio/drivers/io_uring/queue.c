/* SPDX-License-Identifier: MIT */
/*
 * A queue's ring: set up, hand over, wait, tear down.
 *
 * process() makes one io_uring_enter(2) that hands over what was submitted
 * and waits as well; with nothing to hand over and nothing to wait for it
 * makes none.
 *
 * Nothing here is bound to a thread, since a queue may move between threads:
 * no IORING_SETUP_SINGLE_ISSUER, no registered ring fd; and no
 * COOP_TASKRUN, with which one who only looks at the CQ would see nothing.
 *
 * Failure modes: io_uring not allowed, no locked memory left (both told by
 * queue_init()); the kernel short of memory while submitting (retried for
 * about a second, then -EAGAIN; nothing is lost); requests that don't end in
 * time when the queue goes (given up after EXIT_WAIT_NS).
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

#include "util/clock.h"

#define SIGSET_BYTES 8 /* the kernel's sigset_t */
#define EXIT_WAIT_NS (5 * NS_PER_SEC)
#define STALL_PAUSE_NS NS_PER_MS
#define STALLS_MAX 1000

/* ---- set up ---- */

static int setup_error(const struct iou_dev *d, int ret, struct err *err)
{
	switch (ret) {
	case -EPERM:
	case -EACCES:
	case -ENOSYS:
		return err_sys(err, -ret, "io_uring is not available: it may "
			       "be forbidden by a seccomp filter (as in "
			       "containers) or by the sysctl "
			       "kernel.io_uring_disabled, or the kernel lacks "
			       "it");
	case -ENOMEM:
		return err_sys(err, -ret, "make an io_uring of %d entries: "
			       "raise RLIMIT_MEMLOCK (ulimit -l) or lower "
			       "num-entries", d->num_entries);
	case -EINVAL:
		return err_sys(err, -ret, "make an io_uring: num-entries is "
			       "%d, the kernel's limit 32768", d->num_entries);
	default:
		return err_sys(err, -ret, "make an io_uring of %d entries",
			       d->num_entries);
	}
}

static int ring_init(struct iou_queue *q, struct err *err)
{
	struct iou_dev *d = iouq_dev(q);
	struct io_uring_params params = { 0 };
	int ret = io_uring_queue_init_params((unsigned)d->num_entries,
					     &q->ring, &params);

	if (ret < 0)
		return setup_error(d, ret, err);
	ret = io_uring_register_files(&q->ring, &d->fd, 1);
	if (ret < 0) {
		io_uring_queue_exit(&q->ring);
		return err_sys(err, -ret, "register the fd with io_uring");
	}
	/* SQEs are used in order: the indirection never changes */
	for (unsigned i = 0; q->ring.sq.array && i < params.sq_entries; i++)
		q->ring.sq.array[i] = i;
	q->sqes = q->ring.sq.sqes;
	q->sq_entries = params.sq_entries;
	q->cq_entries = params.cq_entries;
	q->sq_mask = params.sq_entries - 1;
	return 0;
}

/* Hand the SQEs filled so far to the kernel, and wait for min CQEs. */
static int enter(struct iou_queue *q, unsigned min, unsigned flags,
		 struct io_uring_getevents_arg *arg)
{
	int ret;

	io_uring_smp_store_release(q->ring.sq.ktail, q->tail);
	ret = io_uring_enter2((unsigned)q->ring.ring_fd, q->tail - q->head, min,
			      flags | (min ? IORING_ENTER_GETEVENTS : 0),
			      (sigset_t *)arg,
			      arg ? sizeof(*arg) : SIGSET_BYTES);
	if (likely(ret >= 0)) {
		q->head += (unsigned)ret;
		return 0;
	}
	return ret;
}

/*
 * Which way to discard. The command is tried with an empty range: a kernel
 * that knows it finds fault with the range, or with a read-only device.
 */
static enum iou_discard probe_discard(struct iou_queue *q)
{
	struct io_uring_probe *probe;
	struct io_uring_cqe *cqe;
	bool known;
	int res;

	if (!iouq_dev(q)->block_device)
		return IOU_DISCARD_PUNCH;
	probe = io_uring_get_probe_ring(&q->ring);
	known = probe && io_uring_opcode_supported(probe, IORING_OP_URING_CMD);
	io_uring_free_probe(probe);
	if (!known)
		return IOU_DISCARD_IOCTL;
	q->wake.opcode = IORING_OP_URING_CMD;
	q->wake.base.start = q->wake.base.len = 0;
	iou_fill(q, &q->wake);
	if (enter(q, 1, 0, NULL) < 0 || io_uring_peek_cqe(&q->ring, &cqe) < 0)
		return IOU_DISCARD_IOCTL;
	res = cqe->res;
	io_uring_cqe_seen(&q->ring, cqe);
	q->owed--;
	return res == -EINVAL || res == -EBADF ? IOU_DISCARD_CMD :
						 IOU_DISCARD_IOCTL;
}

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

int iou_queue_init(struct blkioq *bq, struct err *err)
{
	struct iou_queue *q = to_iouq(bq);
	int ret;

	if (bq->poll)
		return err_set(err, EINVAL, "Poll queues not supported");
	ret = ring_init(q, err);
	if (ret < 0)
		return ret;
	q->head = q->tail = q->owed = q->jobs = 0;
	q->wake_armed = false;
	request_fifo_init(&q->again);
	list_init(&q->rests);
	q->wake.left = IOU_LEFT_UNKNOWN;
	q->discard = probe_discard(q);
	q->wake.opcode = IORING_OP_POLL_ADD;
	ret = worker_port_init(&q->port, &iouq_dev(q)->workers, err);
	if (ret < 0)
		goto out_ring;
	ret = signal_init(q, err);
	if (ret < 0)
		goto out_port;
	return 0;
out_port:
	worker_port_exit(&q->port);
out_ring:
	io_uring_queue_exit(&q->ring);
	return ret;
}

void iou_completion_fd_changed(struct blkioq *bq)
{
	struct iou_queue *q = to_iouq(bq);

	/* fails only before Linux 5.8, where it stays on: allowed */
	io_uring_cq_eventfd_toggle(&q->ring, bq->completion_fd_enabled);
	/* the kernel must see it before our caller looks at the CQ again */
	atomic_thread_fence(memory_order_seq_cst);
}

/* ---- wait ---- */

/*
 * Hand over, then wait by polling the ring. Two calls, for what one would get
 * wrong: a signal during io_uring_enter(2) shows as the number handed over;
 * before Linux 5.11 it takes no timeout; and valgrind (3.19) doesn't know
 * that it blocks, so that signals and other threads have to wait: also the
 * workers, whose jobs we are waiting for.
 */
static int enter_and_poll(struct iou_queue *q, unsigned min,
			  const struct timespec *timeout, const sigset_t *sig)
{
	struct pollfd pfd = { .fd = q->ring.ring_fd, .events = POLLIN };
	int ret;

	if (q->tail != q->head) {
		ret = enter(q, 0, 0, NULL);
		if (ret < 0 || q->tail != q->head ||
		    io_uring_cq_ready(&q->ring) >= min)
			return ret;
	}
	ret = ppoll(&pfd, 1, timeout, sig);
	if (ret == 0)
		return -ETIME;
	return ret < 0 ? -errno : 0;
}

static int enter_until(struct iou_queue *q, unsigned min,
		       const struct timespec *timeout)
{
	struct __kernel_timespec ts = {
		.tv_sec = timeout->tv_sec,
		.tv_nsec = timeout->tv_nsec,
	};
	struct io_uring_getevents_arg arg = { .ts = (uintptr_t)&ts };

	return enter(q, min, IORING_ENTER_EXT_ARG, &arg);
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
	if (w->interruptible || q->jobs ||
	    !(q->ring.features & IORING_FEAT_EXT_ARG))
		return enter_and_poll(q, min, timed ? &timeout : NULL, w->sig);
	return enter_until(q, min, &timeout);
}

/* One try to hand over and to wait for `missing` more completions. */
static int enter_and_wait(struct iou_queue *q, unsigned missing,
			  const struct queue_wait *w)
{
	unsigned min = MIN(missing, q->owed);
	int ret;

	if (min && unlikely(w->interruptible || q->jobs ||
			    w->deadline_ns != INT64_MAX))
		ret = enter_bounded(q, min, w);
	else
		ret = enter(q, min, 0, NULL);
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

int iou_process(struct blkioq *bq, unsigned want, bool do_reap,
		const struct queue_wait *wait)
{
	struct iou_queue *q = to_iouq(bq);
	unsigned goal = bq->ready + want, missing = want, stalls = 0;
	int ret = 0;

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

/* ---- tear down ---- */

/*
 * The kernel should be done with the caller's memory once the queue is gone:
 * cancel what can be cancelled, wait for the rest, but not for ever.
 */
static void settle(struct iou_queue *q)
{
	struct io_uring_sync_cancel_reg cancel = {
		.flags = IORING_ASYNC_CANCEL_ANY,
		.timeout = { .tv_sec = EXIT_WAIT_NS / NS_PER_SEC },
	};
	struct queue_wait wait = {
		.deadline_ns = clock_now_ns() + EXIT_WAIT_NS,
	};
	int ret = 0;

	/* never handed over */
	q->owed -= q->tail - q->head;
	q->tail = q->head;
	if (!q->owed)
		return;
	/* before Linux 6.0 this fails, and all is waited for */
	io_uring_register_sync_cancel(&q->ring, &cancel);
	while (q->owed && ret == 0) {
		unsigned nr = io_uring_cq_ready(&q->ring);

		io_uring_cq_advance(&q->ring, nr);
		q->owed -= nr;
		if (q->owed && nr == 0)
			ret = enter_and_wait(q, q->owed, &wait);
	}
}

void iou_queue_exit(struct blkioq *bq)
{
	struct iou_queue *q = to_iouq(bq);

	/* ends the wake-up's poll, where it can't be cancelled */
	if (q->wake_armed)
		eventfd_write(q->port.event_fd, 1);
	settle(q);
	worker_port_exit(&q->port);
	/* the kernel ends a ring in its own time; the device's fd must not
	 * stay open that long */
	io_uring_unregister_files(&q->ring);
	io_uring_queue_exit(&q->ring);
	close(bq->completion_fd);
	while (!list_empty(&q->rests))
		free(list_entry(list_pop_front(&q->rests), struct iou_iov,
				link));
}
