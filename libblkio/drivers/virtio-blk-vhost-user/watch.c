/* SPDX-License-Identifier: MIT */
/*
 * A thread that waits for the vhost-user server to hang up, for nobody else
 * may be looking: who waits for a completion fd sees only that one. It makes
 * all queues look.
 *
 * Failure modes: no thread to be had. Threads: the thread reads the socket's
 * number, which doesn't change while it runs; what it polls for is no data,
 * so it does not get in the way of calls.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "libblkio/status.h"
#include "util/signals.h"

static void *watch(void *arg)
{
	struct vu_dev *d = arg;
	struct blkio *b = &d->vblk.base;
	struct pollfd pfds[] = {
		{.fd = d->stop_fd, .events = POLLIN},
		{.fd = d->ch.fd, .events = POLLRDHUP},
	};

	while (poll(pfds, ARRAY_SIZE(pfds), -1) < 0)
		; /* nothing is wrong with the arguments: memory, for a moment
		   */
	if (pfds[0].revents)
		return NULL;
	vblk_lost(&d->vblk);
	/* may have to wait for a call, which will fail now */
	pthread_mutex_lock(&b->lock);
	status_set_connection(b, BLKIO_CONNECTION_LOST);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

int vu_watch(struct vu_dev *d, struct err *err)
{
	sigset_t before;
	int ret;

	d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->stop_fd < 0)
		return err_sys(err, errno, "eventfd of a connection");
	/* signals are for the program's own threads */
	signals_block(&before);
	ret = pthread_create(&d->watcher, NULL, watch, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret == 0)
		return 0;
	close(d->stop_fd);
	d->stop_fd = -1;
	return err_sys(err, ret, "thread that watches a connection");
}

void vu_unwatch(struct vu_dev *d)
{
	if (d->stop_fd < 0)
		return;
	eventfd_write(d->stop_fd, 1);
	pthread_join(d->watcher, NULL);
	close(d->stop_fd);
	d->stop_fd = -1;
}
