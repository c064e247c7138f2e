/* SPDX-License-Identifier: MIT */
/*
 * A queue's ring: set up, bound to a thread, torn down.
 *
 * By default nothing in it is bound to a thread, since a queue may move
 * between threads: no IORING_SETUP_SINGLE_ISSUER, no registered ring fd; and
 * no COOP_TASKRUN, with which one who only looks at the CQ would see nothing.
 *
 * With single-issuer the ring is made disabled and bound to the thread of the
 * first process(), which alone can register, submit and wait from then on.
 * When another thread takes the queue down, the kernel gives the ring up in
 * its own time, and not before the issuer has ended, who has it registered.
 * The ring then holds the only write end of a pipe, among its files: its end
 * tells when. Kernels before 6.1, which lack these flags, get
 * an ordinary ring, to be used by one thread all the same.
 *
 * A poll queue's ring polls the device (IORING_SETUP_IOPOLL).
 *
 * Failure modes: io_uring not allowed, no locked memory left, no fds.
 * Thread rule: init and exit under the instance's lock, bind on the queue's
 * thread.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "util/clock.h"

static _Thread_local uint64_t thread_id
	__attribute__((tls_model("initial-exec"))); /* 0: not known yet */

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

/* With the best flags that the kernel knows; fills params. */
static int setup(struct iou_queue *q, struct io_uring_params *params)
{
	const struct iou_dev *d = iouq_dev(q);
	unsigned entries = (unsigned)d->num_entries;
	unsigned poll = q->base.poll ? IORING_SETUP_IOPOLL : 0;
	int ret;

	if (d->single_issuer) {
		*params = (struct io_uring_params){
			.flags = IORING_SETUP_SINGLE_ISSUER |
				 IORING_SETUP_DEFER_TASKRUN |
				 IORING_SETUP_TASKRUN_FLAG |
				 IORING_SETUP_R_DISABLED | poll,
		};
		ret = io_uring_queue_init_params(entries, &q->ring, params);
		if (ret != -EINVAL)
			return ret;
	}
	*params = (struct io_uring_params){ .flags = poll };
	return io_uring_queue_init_params(entries, &q->ring, params);
}

/* File 0 is the device; a single issuer's file 1 tells when all is over. */
static int register_files(struct iou_queue *q, struct err *err)
{
	const struct iou_dev *d = iouq_dev(q);
	int fds[2] = { d->fd, -1 }, pipe_fds[2], ret;

	q->gone_fd = -1;
	if (d->single_issuer) {
		if (pipe2(pipe_fds, O_CLOEXEC) < 0)
			return err_sys(err, errno, "make a pipe");
		q->gone_fd = pipe_fds[0];
		fds[1] = pipe_fds[1];
	}
	ret = io_uring_register_files(&q->ring, fds, d->single_issuer ? 2 : 1);
	if (d->single_issuer)
		close(fds[1]);
	if (ret == 0)
		return 0;
	if (d->single_issuer)
		close(q->gone_fd);
	return err_sys(err, -ret, "register the fd with io_uring");
}

int iou_ring_init(struct iou_queue *q, struct err *err)
{
	struct io_uring_params params;
	int ret = setup(q, &params);

	if (ret < 0)
		return setup_error(iouq_dev(q), ret, err);
	ret = register_files(q, err);
	if (ret < 0) {
		io_uring_queue_exit(&q->ring);
		return ret;
	}
	/* SQEs are used in order: the indirection never changes */
	for (unsigned i = 0; q->ring.sq.array && i < params.sq_entries; i++)
		q->ring.sq.array[i] = i;
	q->sqes = q->ring.sq.sqes;
	q->sq_entries = params.sq_entries;
	q->cq_entries = params.cq_entries;
	q->sq_mask = params.sq_entries - 1;
	q->enter_fd = q->ring.ring_fd;
	q->enter_flags = 0;
	q->disabled = iouq_dev(q)->single_issuer;
	q->pull = q->base.poll || params.flags & IORING_SETUP_DEFER_TASKRUN ?
			  IORING_ENTER_GETEVENTS :
			  0;
	return 0;
}

/*
 * Not pthread_self(), which a thread may share with one that has ended: a
 * registered ring's number would then mean one of its own rings to it.
 */
uint64_t iou_thread_id(void)
{
	/* an id of the kernel's is below 2^22, and used again much later */
	if (!thread_id)
		thread_id = (uint64_t)clock_now_ns() << 22 | (unsigned)gettid();
	return thread_id;
}

int iou_ring_bind(struct iou_queue *q)
{
	struct io_uring_rsrc_update fd = {
		.offset = UINT32_MAX,
		.data = (unsigned)q->ring.ring_fd,
	};

	if (q->ring.flags & IORING_SETUP_R_DISABLED) {
		/* io_uring_enable_rings() is missing in liburing.so.2.3 */
		int ret = io_uring_register((unsigned)q->ring.ring_fd,
					    IORING_REGISTER_ENABLE_RINGS, NULL,
					    0);

		if (ret < 0)
			return ret;
	}
	q->issuer = iou_thread_id();
	q->disabled = false;
	/* a thread can have 16; the ring's own fd will do as well */
	if (io_uring_register((unsigned)q->ring.ring_fd,
			      IORING_REGISTER_RING_FDS, &fd, 1) == 1) {
		q->enter_fd = (int)fd.offset;
		q->enter_flags = IORING_ENTER_REGISTERED_RING;
	}
	return 0;
}

static void unregister_ring_fd(struct iou_queue *q)
{
	struct io_uring_rsrc_update fd = { .offset = (unsigned)q->enter_fd };

	io_uring_register((unsigned)q->ring.ring_fd,
			  IORING_UNREGISTER_RING_FDS, &fd, 1);
}

void iou_ring_exit(struct iou_queue *q)
{
	struct pollfd gone = { .fd = q->gone_fd };

	if (iou_on_thread(q)) {
		if (q->enter_flags)
			unregister_ring_fd(q);
		/* the kernel ends a ring in its own time; the device's fd must
		 * not stay open that long. This would wait for requests that
		 * have been given up on. */
		if (q->owed == 0)
			io_uring_unregister_files(&q->ring);
	}
	io_uring_queue_exit(&q->ring);
	if (q->gone_fd >= 0) {
		if (q->owed > 0 && !iou_on_thread(q))
			poll(&gone, 1, IOU_EXIT_WAIT_NS / NS_PER_MS);
		close(q->gone_fd);
	}
}
