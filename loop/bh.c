/* SPDX-License-Identifier: MIT */
/*
 * Bottom halves: a lock-free queue with many producers and one consumer.
 *
 * Producers push onto a stack, bh_incoming; the loop takes the whole stack
 * at once and turns it round, so that first scheduled is first run.
 *
 * Memory order. A bottom half's state goes from 0 to 1 in the schedule that
 * queues it and back to 0 right before it runs. All of these are exchanges,
 * so the run sees what was written before any schedule that it answers,
 * those that found state 1 included. Against sleeping: the producer pushes,
 * then reads sleeping; the loop sets sleeping, then reads bh_incoming. All
 * four are sequentially consistent, hence at least one side sees the other:
 * either the loop does not sleep, or the producer writes wake_fd. Only the
 * producer that takes sleeping back to false writes: one write per sleep.
 *
 * wake_fd is edge-triggered in epoll and never read: every write is an edge,
 * and a 64-bit counter does not fill, so that the write can't fail. Signal
 * handlers may schedule.
 */
#include <assert.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "loop/loop_int.h"

int loop_bhs_init(struct loop *loop, struct err *err)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
	int ret;

	loop->bh_end = &loop->bh_first;
	loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->wake_fd < 0)
		return err_sys(err, errno, "event loop: eventfd");
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &ev) < 0) {
		ret = err_sys(err, errno, "event loop: epoll_ctl");
		close(loop->wake_fd);
		return ret;
	}
	return 0;
}

void loop_bhs_destroy(struct loop *loop)
{
	assert(!loop_bhs_pending(loop));
	close(loop->wake_fd);
}

void loop_bh_init(struct loop_bh *bh, struct loop *loop,
		  void (*run)(struct loop_bh *bh))
{
	bh->run = run;
	bh->loop = loop;
	bh->next = NULL;
	atomic_init(&bh->state, 0);
}

static void wake(struct loop *loop)
{
	if (atomic_exchange(&loop->sleeping, false))
		eventfd_write(loop->wake_fd, 1);
}

void loop_bh_schedule(struct loop_bh *bh)
{
	/* once pushed, bh may run and be gone */
	struct loop *loop = bh->loop;
	struct loop_bh *head;

	if (atomic_exchange(&bh->state, 1) != 0)
		return;
	head = atomic_load_explicit(&loop->bh_incoming, memory_order_relaxed);
	do {
		bh->next = head;
	} while (!atomic_compare_exchange_weak(&loop->bh_incoming, &head, bh));
	if (atomic_load(&loop->sleeping))
		wake(loop);
}

bool loop_bhs_sleep(struct loop *loop)
{
	atomic_store(&loop->sleeping, true);
	if (!atomic_load(&loop->bh_incoming))
		return true;
	loop_bhs_awake(loop);
	return false;
}

void loop_bhs_awake(struct loop *loop)
{
	atomic_store_explicit(&loop->sleeping, false, memory_order_relaxed);
}

/* Move what was scheduled to the end of the list to be run. */
static void take_incoming(struct loop *loop)
{
	struct loop_bh *bh = atomic_exchange(&loop->bh_incoming, NULL);
	struct loop_bh *fifo = NULL, *last = bh;

	if (!bh)
		return;
	while (bh) {
		struct loop_bh *next = bh->next;

		bh->next = fifo;
		fifo = bh;
		bh = next;
	}
	*loop->bh_end = fifo;
	loop->bh_end = &last->next;
}

static void unlink_bh(struct loop *loop, struct loop_bh **link)
{
	struct loop_bh *bh = *link;

	*link = bh->next;
	if (!bh->next)
		loop->bh_end = link;
	atomic_exchange(&bh->state, 0);
}

bool loop_bhs_run(struct loop *loop)
{
	bool ran = false;

	take_incoming(loop);
	/* a nested run may have left nothing, or have added to the list */
	while (loop->bh_first) {
		struct loop_bh *bh = loop->bh_first;

		unlink_bh(loop, &loop->bh_first);
		bh->run(bh);
		ran = true;
	}
	return ran;
}

void loop_bh_cancel(struct loop_bh *bh)
{
	struct loop *loop = bh->loop;
	struct loop_bh **link = &loop->bh_first;

	if (!atomic_load(&bh->state))
		return;
	take_incoming(loop);
	while (*link != bh) {
		assert(*link);
		link = &(*link)->next;
	}
	unlink_bh(loop, link);
}
