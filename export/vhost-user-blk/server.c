/* SPDX-License-Identifier: MIT */
/*
 * The vhost-user-blk export: accepting, one client at a time, shutdown.
 *
 * Who comes while a client is there is closed at once. A client that has
 * hung up may still have requests in flight: who comes then waits in the
 * socket's backlog until these are done, since it is often the same one.
 *
 * Failure modes: no descriptor or memory for a new client pauses accepting
 * for ACCEPT_RETRY_NS. Threads: the main loop.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/vhost-user-blk/guard.h"
#include "export/vhost-user-blk/vub_int.h"
#include "util/clock.h"

#define ACCEPT_RETRY_NS (100 * NS_PER_MS)

/* A disk that grows behind our back is noticed within this. */
#define SIZE_CHECK_NS NS_PER_SEC

void vub_log(const struct vub_server *server, enum log_level level,
	     const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!server->log || server->log->level < level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_write(server->log, level, "vhost-user client %llu: %s",
		  (unsigned long long)server->nr_clients, text);
}

/* ---- clients ---- */

static void watch(struct vub_server *s, bool on)
{
	if (s->listening)
		loop_fd_set_events(&s->listener, on ? LOOP_READ : 0);
}

void vub_server_client_gone(struct vub_server *s)
{
	s->client = NULL;
	watch(s, true);
}

static void retry_accept(struct loop_timer *timer)
{
	watch(container_of(timer, struct vub_server, accept_retry), true);
}

static void pause_accepting(struct vub_server *s, int errnum)
{
	vub_log(s, LOG_ERROR, "can't accept another for now: %s",
		strerrordesc_np(errnum));
	if (loop_timer_arm(s->loop, &s->accept_retry,
			   clock_now_ns() + ACCEPT_RETRY_NS) == 0)
		watch(s, false);
}

static void on_connection(struct loop_fd *io)
{
	struct vub_server *s = container_of(io, struct vub_server, listener);
	struct err err = ERR_INIT;
	int fd;

	if (s->client && vub_client_hung_up(s->client)) {
		watch(s, false);
		return;
	}
	fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_accepting(s, errno);
		return;
	}
	if (s->client) {
		close(fd);
		vub_log(s, LOG_ERROR, "another is refused: one at a time");
		return;
	}
	s->nr_clients++;
	if (vub_client_start(s, fd, &err) < 0)
		vub_log(s, LOG_ERROR, "%s", err.text);
}

/* ---- the disk's size ---- */

static void size_changed(struct node_size_watch *watch)
{
	struct vub_server *s =
		container_of(watch, struct vub_server, size_watch);

	if (s->client && !s->client->leaving &&
	    s->client->protocol_features & VHOST_USER_PROTOCOL_F_CONFIG)
		vub_channel_config_changed(&s->client->channel);
}

static void check_size(struct loop_timer *timer)
{
	struct vub_server *s =
		container_of(timer, struct vub_server, size_check);

	if (!s->client || s->client->channel.io.fd < 0)
		return; /* until the next one wants to be told */
	/* a device that can't tell now may be able to next time */
	node_refresh_size(s->dev.node, NULL);
	vub_server_watch_size(s);
}

void vub_server_watch_size(struct vub_server *s)
{
	/* no memory for a timer: GET_CONFIG looks all the same */
	loop_timer_arm(s->loop, &s->size_check, clock_now_ns() + SIZE_CHECK_NS);
}

/* ---- life ---- */

static const struct loop_fd_ops listener_ops = {.on_read = on_connection};

int vub_server_create(const struct vub_config *config,
		      struct vub_server **server, struct err *err)
{
	const struct vblk_config device = {
		.node = config->node,
		.serial = config->serial,
		.num_queues = config->num_queues,
		.read_only = config->read_only,
	};
	struct vub_server *s;
	int ret;

	if (config->num_queues == 0 || config->num_queues > VUB_QUEUES_MAX)
		return err_set(err, EINVAL, "%u queues, 1 to %u wanted",
			       config->num_queues, VUB_QUEUES_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_sys(err, ENOMEM, "vhost-user export");
	s->queues = calloc(config->num_queues, sizeof(*s->queues));
	ret = s->queues ? 0 : err_sys(err, ENOMEM, "vhost-user export");
	if (ret == 0)
		ret = vblk_init(&s->dev, &device, err);
	if (ret == 0)
		ret = guard_install(err);
	if (ret < 0) {
		vub_server_free(s);
		return ret;
	}
	s->log = config->log;
	s->loop = config->loops[0];
	s->nr_queues = config->num_queues;
	for (unsigned i = 0; i < s->nr_queues; i++)
		vub_queue_init(&s->queues[i], s,
			       config->loops[i % (unsigned)config->nr_loops],
			       i);
	loop_timer_init(&s->accept_retry, retry_accept);
	loop_timer_init(&s->size_check, check_size);
	s->size_watch.changed = size_changed;
	node_watch_size(config->node, &s->size_watch);
	*server = s;
	return 0;
}

int vub_server_listen(struct vub_server *s, int fd, struct err *err)
{
	int ret, domain = 0;
	socklen_t len = sizeof(domain);

	assert(!s->listening);
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	if (domain != AF_UNIX)
		return err_set(err, EINVAL,
			       "vhost-user: socket of family %d, a unix socket "
			       "wanted",
			       domain);
	s->listener = (struct loop_fd){.fd = fd, .ops = &listener_ops};
	ret = loop_fd_add(s->loop, &s->listener, LOOP_READ, err);
	s->listening = ret == 0;
	return ret;
}

static bool client_gone(void *opaque)
{
	return !((const struct vub_server *)opaque)->client;
}

void vub_server_shutdown(struct vub_server *s)
{
	s->stopping = true;
	if (s->listening)
		loop_fd_remove(&s->listener);
	s->listening = false;
	loop_timer_cancel(s->loop, &s->accept_retry);
	if (s->client) {
		/* what it waits for will not come */
		shutdown(s->client->io.fd, SHUT_RDWR);
		loop_run_until(s->loop, client_gone, s);
	}
	loop_timer_cancel(s->loop, &s->size_check); /* the client's last word */
}

void vub_server_free(struct vub_server *s)
{
	if (!s)
		return;
	assert(!s->client && !s->listening);
	if (s->size_watch.changed)
		node_unwatch_size(&s->size_watch);
	free(s->queues);
	free(s);
}
