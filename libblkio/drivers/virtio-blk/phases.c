/* SPDX-License-Identifier: MIT */
/*
 * How a virtio-blk queue gets over the loss of its device. Its ring belongs
 * to its own thread; when the device is gone, that one takes what had been
 * done, and parks: it gives the ring to the transport's thread, which starts
 * it on the next device, and gives it back. What is submitted meanwhile is
 * held. A completion that has been taken is final; all other requests are
 * still on the ring, for a device that can go on with it as it is, or are
 * added again to an empty one, oldest first, at the step that they were at.
 *
 * Failure modes: there is no next device; then what is pending fails with
 * -EIO. Threads: a phase is changed by the side that has the ring, but for the
 * loss itself, so those changes are compare-and-swap; where one fails, the
 * call fd has been written to, and another look is due.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk/phases.h"

static bool change(struct vblk_queue *q, int from, int to)
{
	return __atomic_compare_exchange_n(&q->phase, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* All of more, after what is in f. */
static void append(struct request_fifo *f, struct request_fifo *more)
{
	if (!more->head)
		return;
	*f->tail = more->head;
	f->tail = more->tail;
	request_fifo_init(more);
}

/* ---- on the queue's thread ---- */

int vblk_hold(struct vblk_queue *q, struct request *r)
{
	enum vblk_phase phase = vblk_phase(q);

	if (phase == VBLK_GONE || phase == VBLK_DEAD) {
		r->error_msg = "device is gone";
		return -EIO;
	}
	to_vblkr(r)->ranged = 0;
	request_fifo_push(&q->held, r);
	return 0;
}

static void fail(struct vblk_queue *q, struct request *r)
{
	r->error_msg = "device is gone";
	request_done(&q->base, r, -EIO);
}

static void fail_all(struct vblk_queue *q)
{
	uint32_t nr = vq_driver_outstanding(&q->vq, q->ids);
	struct request *r;

	__atomic_store_n(&q->phase, VBLK_DEAD, __ATOMIC_RELAXED);
	q->halted = true;
	for (uint32_t i = 0; i < nr; i++)
		fail(q, q->slots[q->ids[i]].cookie);
	while ((r = request_fifo_pop(&q->again)))
		fail(q, r);
	while ((r = request_fifo_pop(&q->held)))
		fail(q, r);
}

/* As far as there is room. */
static void add_held(struct vblk_queue *q)
{
	struct request *r;

	while ((r = q->held.head)) {
		struct request *next = r->next; /* one that is done is linked */
		int ret = vblk_add_again(q, r);

		if (ret == -EAGAIN)
			return;
		q->held.head = next;
		if (!next)
			q->held.tail = &q->held.head;
		if (ret < 0)
			request_done(&q->base, r, ret);
	}
}

static void park(struct vblk_queue *q, int from, int to)
{
	struct vblk_dev *d = to_vblk(q->base.dev);

	if (!change(q, from, to))
		return;
	q->halted = true;
	d->transport->parked(d);
}

RARELY void vblk_change_phase(struct vblk_queue *q, enum vblk_phase seen,
			      bool broken)
{
	if (seen == VBLK_GONE)
		fail_all(q);
	else if (seen == VBLK_STOPPING)
		park(q, seen, VBLK_PARKED);
	else if (broken)
		park(q, seen, VBLK_ABANDONED);
	else if (seen == VBLK_RESUMING) {
		add_held(q);
		if (!q->held.head)
			change(q, seen, VBLK_RUNNING);
	}
}

RARELY bool vblk_stay_halted(struct vblk_queue *q)
{
	switch (vblk_phase(q)) {
	case VBLK_STARTED:
		if (!change(q, VBLK_STARTED, VBLK_RESUMING))
			return true;
		break;
	case VBLK_STOPPING: /* a device was there, and may have done something
			     */
	case VBLK_GONE:
		break;
	default:
		return true;
	}
	append(&q->again, &q->held);
	append(&q->held, &q->again);
	q->armed = false;
	q->halted = false;
	return false;
}

/* ---- on the transport's thread ---- */

/* next: by phase, what becomes of it */
static void change_all(struct vblk_dev *d, const int *next)
{
	struct list_node *n;

	pthread_mutex_lock(&d->lock);
	for (n = d->queues.head.next; n != &d->queues.head; n = n->next) {
		struct vblk_queue *q = list_entry(n, struct vblk_queue, link);
		int phase = vblk_phase(q);

		while (!change(q, phase, next[phase]))
			phase = vblk_phase(q);
		eventfd_write(q->call_fd, 1);
	}
	pthread_mutex_unlock(&d->lock);
}

void vblk_interrupt(struct vblk_dev *d)
{
	static const int next[] = {
		[VBLK_RUNNING] = VBLK_STOPPING, [VBLK_STOPPING] = VBLK_STOPPING,
		[VBLK_PARKED] = VBLK_PARKED,	[VBLK_ABANDONED] = VBLK_PARKED,
		[VBLK_STARTED] = VBLK_STOPPING, [VBLK_RESUMING] = VBLK_STOPPING,
		[VBLK_GONE] = VBLK_GONE,	[VBLK_DEAD] = VBLK_DEAD,
	};

	change_all(d, next);
}

void vblk_lost(struct vblk_dev *d)
{
	static const int next[] = {
		[VBLK_RUNNING] = VBLK_GONE, [VBLK_STOPPING] = VBLK_GONE,
		[VBLK_PARKED] = VBLK_GONE,  [VBLK_ABANDONED] = VBLK_GONE,
		[VBLK_STARTED] = VBLK_GONE, [VBLK_RESUMING] = VBLK_GONE,
		[VBLK_GONE] = VBLK_GONE,    [VBLK_DEAD] = VBLK_DEAD,
	};

	change_all(d, next);
}

bool vblk_is_abandoned(struct vblk_dev *d)
{
	bool abandoned = false;
	struct list_node *n;

	pthread_mutex_lock(&d->lock);
	for (n = d->queues.head.next; n != &d->queues.head; n = n->next)
		if (vblk_phase(list_entry(n, struct vblk_queue, link)) ==
		    VBLK_ABANDONED)
			abandoned = true;
	pthread_mutex_unlock(&d->lock);
	return abandoned;
}

/* All that is on the ring goes before what is to be added again anyway. */
static int empty_ring(struct vblk_queue *q, struct err *err)
{
	uint32_t nr = vq_driver_outstanding(&q->vq, q->ids);
	struct request_fifo older;

	request_fifo_init(&older);
	for (uint32_t i = 0; i < nr; i++)
		request_fifo_push(&older, q->slots[q->ids[i]].cookie);
	append(&older, &q->again);
	append(&q->again, &older);
	return vblk_queue_make_ring(q, err);
}

/* A device that still lives does not get to read kicks for the next one. */
static int renew_kick_fd(struct vblk_queue *q, struct err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return err_sys(err, errno, "eventfd of a queue");
	close(q->kick_fd);
	q->kick_fd = fd;
	return 0;
}

int vblk_restart_queue(struct vblk_queue *q, bool resume, struct err *err)
{
	const struct vblk_dev *d = to_vblk(q->base.dev);
	int ret = renew_kick_fd(q, err);

	if (ret == 0 && !resume)
		ret = empty_ring(q, err);
	if (ret == 0)
		ret = d->transport->start_queue(q, err);
	if (ret < 0 && !resume)
		return ret;
	/* a device that resumes may have begun, though it would not say so */
	__atomic_store_n(&q->phase, ret < 0 ? VBLK_STOPPING : VBLK_STARTED,
			 __ATOMIC_RELEASE);
	eventfd_write(q->call_fd, 1);
	return ret;
}
