/* SPDX-License-Identifier: MIT */
/*
 * The watcher: a thread that waits for the vhost-user server to hang up, for
 * nobody else may be looking: who waits for a completion fd sees only that
 * one. It has queues look, and gets them over to the next server where that is
 * wanted. A server that finds a ring broken is as good as gone. While there is
 * a server, it also hears of changed configuration, or asks for it, each
 * second, if somebody wants to know and the server doesn't tell by itself.
 *
 * Failure modes: no thread to be had. Threads: the watcher alone replaces the
 * link, so it reads the socket's number without the lock; for all else of the
 * instance it takes that, but for phases of queues.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "libblkio/drivers/virtio-blk/phases.h"
#include "libblkio/status.h"
#include "util/clock.h"
#include "util/signals.h"

#define POLL_MS 1000 /* between questions for the capacity */

void vu_wake_watcher(struct vblk_dev *d)
{
	/* fails only when the counter is full: it is readable then */
	if (to_vu(d)->wake_fd >= 0)
		eventfd_write(to_vu(d)->wake_fd, 1);
}

int vu_sleep_until(const struct vu_dev *d, int64_t deadline_ns)
{
	struct pollfd pfd = {.fd = d->stop_fd, .events = POLLIN};

	for (;;) {
		int64_t left_ns = MAX(deadline_ns - clock_now_ns(), 0);
		struct timespec left = {left_ns / NS_PER_SEC,
					left_ns % NS_PER_SEC};
		int ret = ppoll(&pfd, 1, &left, NULL);

		if (ret > 0)
			return -ECANCELED;
		if (ret == 0)
			return -ETIMEDOUT;
	}
}

static void ask_for_capacity(struct vu_dev *d)
{
	struct blkio *b = &d->vblk.base;
	uint64_t bytes;

	pthread_mutex_lock(&b->lock);
	status_get_capacity(b, &bytes, NULL);
	pthread_mutex_unlock(&b->lock);
}

/* The server says something: what has changed, if anything. */
static void serve_back_channel(struct vu_dev *d)
{
	struct vhost_user_msg request;
	int ret = vu_channel_serve(&d->link.back, d->link.protocol_features,
				   &request, NULL);

	if (ret < 0)
		vu_channel_close(&d->link.back);
	if (ret > 0 && request.request == VHOST_USER_BACKEND_CONFIG_CHANGE_MSG)
		ask_for_capacity(d);
}

/* Queues have parked. 0 or -errno: the link is of no use. */
static int look_at_queues(struct vu_dev *d)
{
	struct blkio *b = &d->vblk.base;
	eventfd_t ignored;
	int ret;

	eventfd_read(d->wake_fd, &ignored);
	if (vblk_is_abandoned(&d->vblk))
		return -EPROTO;
	if (__atomic_load_n(&d->reconnect_ms, __ATOMIC_RELAXED) == 0)
		return 0;
	pthread_mutex_lock(&b->lock);
	ret = vu_restart_queues(d, NULL);
	pthread_mutex_unlock(&b->lock);
	return ret;
}

enum { STOP, LINK, ERR, WAKE, BACK };

static int wait_for_news(struct vu_dev *d, struct pollfd *pfds)
{
	bool ask = d->link.back.fd < 0 &&
		   __atomic_load_n(&d->polling, __ATOMIC_RELAXED);

	pfds[STOP] = (struct pollfd){.fd = d->stop_fd, .events = POLLIN};
	pfds[LINK] = (struct pollfd){.fd = d->link.ch.fd, .events = POLLRDHUP};
	pfds[ERR] = (struct pollfd){.fd = d->link.err_fd, .events = POLLIN};
	pfds[WAKE] = (struct pollfd){.fd = d->wake_fd, .events = POLLIN};
	pfds[BACK] = (struct pollfd){.fd = d->link.back.fd, .events = POLLIN};
	return poll(pfds, d->closing ? WAKE : BACK + 1,
		    ask && !d->closing ? POLL_MS : -1);
}

/*
 * Until the link is lost: 1 if the server hung up, 0 if it is of no use; or
 * there is to be an end: -ECANCELED.
 */
static int keep_link(struct vu_dev *d)
{
	struct pollfd pfds[BACK + 1] = {{.fd = -1}};
	int nr, ret = 0;

	while (ret == 0) {
		nr = wait_for_news(d, pfds);
		if (nr < 0) /* no memory, for a moment */
			continue;
		if (nr == 0)
			ask_for_capacity(d);
		if (pfds[STOP].revents)
			return -ECANCELED;
		if (pfds[LINK].revents)
			return 1;
		if (pfds[ERR].revents)
			return 0;
		if (pfds[BACK].revents)
			serve_back_channel(d);
		if (pfds[WAKE].revents)
			ret = look_at_queues(d);
	}
	return 0;
}

static void give_up(struct vu_dev *d)
{
	struct blkio *b = &d->vblk.base;

	vblk_lost(&d->vblk);
	/* no more answers, and none to wait for */
	if (d->link.ch.fd >= 0)
		shutdown(d->link.ch.fd, SHUT_RDWR);
	pthread_mutex_lock(&b->lock);
	status_set_connection(b, BLKIO_CONNECTION_LOST);
	pthread_mutex_unlock(&b->lock);
}

static bool may_reconnect(const struct vu_dev *d)
{
	return !d->closing &&
	       __atomic_load_n(&d->reconnect_ms, __ATOMIC_RELAXED) > 0;
}

static void *watch(void *arg)
{
	struct vu_dev *d = arg;
	int ret;

	do {
		ret = keep_link(d);
		if (ret >= 0)
			ret = may_reconnect(d) ? vu_reconnect(d, ret == 1)
					       : -ETIMEDOUT;
	} while (ret == 0);
	if (ret == -ETIMEDOUT)
		give_up(d);
	return NULL;
}

static int make_thread(struct vu_dev *d, struct err *err)
{
	sigset_t before;
	int ret;

	d->link.ch.cancel_fd = d->stop_fd;
	/* signals are for the program's own threads */
	signals_block(&before);
	ret = pthread_create(&d->watcher, NULL, watch, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret == 0)
		return 0;
	d->link.ch.cancel_fd = -1;
	return err_sys(err, ret, "thread that watches a connection");
}

int vu_watch(struct vu_dev *d, struct err *err)
{
	int ret;

	d->up_ns = clock_now_ns();
	if (d->wake_fd < 0)
		d->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->stop_fd < 0 || d->wake_fd < 0)
		ret = err_sys(err, errno, "eventfd of a connection");
	else
		ret = make_thread(d, err);
	if (ret < 0 && d->stop_fd >= 0) {
		close(d->stop_fd);
		d->stop_fd = -1;
	}
	return ret;
}

void vu_unwatch(struct vu_dev *d)
{
	if (d->stop_fd < 0)
		return;
	eventfd_write(d->stop_fd, 1);
	pthread_join(d->watcher, NULL);
	close(d->stop_fd);
	d->stop_fd = d->link.ch.cancel_fd = -1;
}
