/* SPDX-License-Identifier: MIT */
/*
 * File descriptors: registration, the batch of events taken from epoll, and
 * the handlers that are polled in user space.
 *
 * epoll is level-triggered. Events are taken in batches that lie in the loop;
 * each bit is cleared right before its callback, and removing a handler or
 * changing what it wants clears its bits that are still to be delivered.
 *
 * A handler that wants nothing stays in epoll, disarmed: leaving would make
 * the way back an allocation in the kernel, which can fail where nobody can
 * be told. EPOLLONESHOT keeps a hang-up from being reported more than once,
 * and that once is dropped here.
 *
 * Failure: loop_fd_add() passes on what epoll_ctl(2) says. Own thread only.
 */
#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "loop/loop_int.h"
#include "util/clock.h"

int loop_fds_init(struct loop *loop, struct err *err)
{
	list_init(&loop->polled);
	loop->fd_check_every = loop->fd_check_in = 1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		return err_sys(err, errno, "event loop: epoll_create1");
	return 0;
}

void loop_fds_destroy(struct loop *loop)
{
	assert(!loop->fds);
	close(loop->epoll_fd);
}

static int epoll_set(struct loop *loop, int op, struct loop_fd *h)
{
	struct epoll_event ev = {.data.ptr = h};

	if (h->events & LOOP_READ)
		ev.events |= EPOLLIN;
	if (h->events & LOOP_WRITE)
		ev.events |= EPOLLOUT;
	if (!ev.events)
		ev.events = EPOLLET | EPOLLONESHOT;
	return epoll_ctl(loop->epoll_fd, op, h->fd, &ev);
}

static void assert_callbacks(const struct loop_fd *h, unsigned events)
{
	assert(!(events & LOOP_READ) || h->ops->on_read);
	assert(!(events & LOOP_WRITE) || h->ops->on_write);
}

int loop_fd_add(struct loop *loop, struct loop_fd *h, unsigned events,
		struct err *err)
{
	assert(!h->loop);
	assert_callbacks(h, events);
	h->events = events;
	if (epoll_set(loop, EPOLL_CTL_ADD, h) < 0)
		return err_sys(err, errno, "event loop: watching fd %d", h->fd);
	h->loop = loop;
	h->notifying = false;
	loop->fds++;
	if (h->ops->poll) {
		list_push_back(&loop->polled, &h->poll_link);
		if (h->ops->notify)
			h->ops->notify(h, false);
	}
	return 0;
}

/* Of the events of h that are to be delivered, leave only keep. */
static void batch_keep(struct loop *loop, struct loop_fd *h, unsigned keep)
{
	for (int i = loop->batch_next; i < loop->batch_end; i++)
		if (loop->batch[i].data.ptr == h)
			loop->batch[i].events &= keep;
}

void loop_fd_set_events(struct loop_fd *h, unsigned events)
{
	int ret;

	assert(h->loop);
	assert_callbacks(h, events);
	if (h->events == events)
		return;
	h->events = events;
	batch_keep(h->loop, h, events);
	ret = epoll_set(h->loop, EPOLL_CTL_MOD, h);
	assert(ret == 0); /* else the fd was closed under us */
	(void)ret;
}

static void polled_remove(struct loop *loop, struct loop_fd *h)
{
	for (struct poll_cursor *c = loop->cursors; c; c = c->outer)
		if (c->next == &h->poll_link)
			c->next = h->poll_link.next;
	list_remove(&h->poll_link);
}

void loop_fd_remove(struct loop_fd *h)
{
	struct loop *loop = h->loop;
	int ret;

	if (!loop)
		return;
	ret = epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, h->fd, NULL);
	assert(ret == 0);
	(void)ret;
	batch_keep(loop, h, 0);
	if (h->ops->poll)
		polled_remove(loop, h);
	loop->fds--;
	h->loop = NULL;
}

static int epoll_take(struct loop *loop, int64_t timeout_ns)
{
	struct timespec ts = {.tv_sec = timeout_ns / NS_PER_SEC,
			      .tv_nsec = timeout_ns % NS_PER_SEC};
	int64_t timeout_ms = timeout_ns < 0 ? -1 : 0;
	int n;

	if (timeout_ns > 0 && !loop->no_pwait2) {
		n = epoll_pwait2(loop->epoll_fd, loop->batch, LOOP_BATCH, &ts,
				 NULL);
		/* Linux < 5.11, or a seccomp filter older than that */
		if (n >= 0 || (errno != ENOSYS && errno != EPERM))
			return n;
		loop->no_pwait2 = true;
	}
	if (timeout_ns > 0) /* up: waking early would only make us spin */
		timeout_ms = MIN((timeout_ns - 1) / NS_PER_MS + 1, INT32_MAX);
	return epoll_wait(loop->epoll_fd, loop->batch, LOOP_BATCH, timeout_ms);
}

/* Which of its callbacks h is to get for epoll's events. */
static unsigned to_deliver(const struct loop_fd *h, unsigned events)
{
	unsigned todo = 0;

	if (events & EPOLLIN)
		todo |= LOOP_READ;
	if (events & EPOLLOUT)
		todo |= LOOP_WRITE;
	if (events & (EPOLLHUP | EPOLLERR))
		todo |= h->events & LOOP_READ ? LOOP_READ : LOOP_WRITE;
	return todo & h->events;
}

bool loop_fds_fetch(struct loop *loop, int64_t timeout_ns)
{
	int n;

	assert(loop->batch_next == loop->batch_end);
	n = epoll_take(loop, timeout_ns);
	assert(n >= 0 || errno == EINTR);
	loop->batch_next = 0;
	loop->batch_end = MAX(n, 0);
	for (int i = 0; i < n; i++) {
		struct loop_fd *h = loop->batch[i].data.ptr;

		/* NULL is wake_fd: it has done its work by ending the wait */
		loop->batch[i].events =
			h ? to_deliver(h, loop->batch[i].events) : 0;
	}
	loop->fd_check_every =
		n > 0 ? 1 : MIN(2 * loop->fd_check_every, LOOP_FD_CHECK_MAX);
	loop->fd_check_in = loop->fd_check_every;
	return n > 0;
}

bool loop_fds_dispatch(struct loop *loop)
{
	bool ran = false;

	/* not a for: nested runs move batch_next, or bring a new batch */
	while (loop->batch_next < loop->batch_end) {
		struct epoll_event *ev = &loop->batch[loop->batch_next];
		struct loop_fd *h = ev->data.ptr;

		if (ev->events & LOOP_READ) {
			ev->events &= ~LOOP_READ;
			h->ops->on_read(h);
		} else if (ev->events & LOOP_WRITE) {
			ev->events &= ~LOOP_WRITE;
			h->ops->on_write(h);
		} else {
			loop->batch_next++;
			continue;
		}
		ran = true;
	}
	return ran;
}

bool loop_fds_run_polled(struct loop *loop)
{
	struct poll_cursor cursor = {.next = loop->polled.head.next,
				     .outer = loop->cursors};
	bool ran = false, busy = false;

	loop->cursors = &cursor;
	while (cursor.next != &loop->polled.head) {
		struct loop_fd *h =
			list_entry(cursor.next, struct loop_fd, poll_link);
		enum loop_poll state = h->ops->poll(h);

		cursor.next = cursor.next->next;
		if (state == LOOP_POLL_READY) {
			h->ops->poll_ready(h);
			ran = true;
		} else if (state == LOOP_POLL_BUSY) {
			busy = true;
		}
	}
	loop->cursors = cursor.outer;
	loop->busy = busy;
	return ran;
}
