/* SPDX-License-Identifier: MIT */
/*
 * A connection's life: one coroutine on the main loop receives messages and
 * does what they say, one after the other. It waits for the socket, and for
 * queues, never for the client in any other way.
 *
 * Failure modes. A message that breaks the protocol, or can't be done: told
 * in the log, refused if the protocol has a way to (REPLY_ACK), else the
 * connection ends. The stream is lost, or the client hangs up at any byte:
 * it ends. At the end the queues are stopped, which takes until what is in
 * flight is done, and all that the client gave is let go of.
 *
 * Threads: the main loop.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/vhost-user-blk/vub_int.h"

/* ---- waiting ---- */

static void co_wait(struct vub_client *c, unsigned events)
{
	c->waiting = true;
	loop_fd_set_events(&c->io, events);
	co_yield ();
}

static void on_io(struct loop_fd *io)
{
	struct vub_client *c = container_of(io, struct vub_client, io);

	loop_fd_set_events(io, 0);
	if (!c->waiting)
		return;
	c->waiting = false;
	co_enter(c->co);
}

static const struct loop_fd_ops io_ops = {
	.on_read = on_io,
	.on_write = on_io,
};

bool vub_client_hung_up(const struct vub_client *c)
{
	struct pollfd p = {.fd = c->io.fd, .events = POLLRDHUP};

	return c->leaving || poll(&p, 1, 0) == 1;
}

/* ---- bytes and descriptors ---- */

static void close_fds(struct vub_client *c)
{
	for (size_t i = 0; i < c->nr_fds; i++)
		if (c->fds[i] >= 0)
			close(c->fds[i]);
	c->nr_fds = 0;
}

static void close_reply_fd(struct vub_client *c)
{
	if (c->reply_fd >= 0)
		close(c->reply_fd);
	c->reply_fd = -1;
}

static int take_fds(struct vub_client *c, struct msghdr *msg)
{
	bool too_many = msg->msg_flags & MSG_CTRUNC;

	for (struct cmsghdr *m = CMSG_FIRSTHDR(msg); m;
	     m = CMSG_NXTHDR(msg, m)) {
		size_t nr = (m->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		const unsigned char *data = CMSG_DATA(m);

		if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < nr; i++) {
			int fd;

			memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
			if (c->nr_fds < VHOST_USER_FDS_MAX) {
				c->fds[c->nr_fds++] = fd;
			} else {
				close(fd);
				too_many = true;
			}
		}
	}
	return too_many ? -EBADMSG : 0;
}

static ssize_t receive_some(struct vub_client *c, void *buf, size_t len)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(VHOST_USER_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = buf, .iov_len = len};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(c->io.fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (take_fds(c, &msg) < 0)
		return -EBADMSG;
	return n > 0 ? n : -ECONNRESET;
}

/* All len bytes, or -errno: -ECONNRESET if the client has hung up. */
static int co_receive(struct vub_client *c, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = receive_some(c, buf, len);

		if (n == -EAGAIN) {
			co_wait(c, LOOP_READ);
		} else if (n > 0) {
			buf += n;
			len -= n;
		} else if (n != -EINTR) {
			return n;
		}
	}
	return 0;
}

/* The descriptor of the reply goes with its first byte. */
static ssize_t send_some(struct vub_client *c, const uint8_t *buf, size_t len)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (c->reply_fd >= 0) {
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.head), &c->reply_fd, sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	n = sendmsg(c->io.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	close_reply_fd(c);
	return n;
}

static int co_send(struct vub_client *c, const uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = send_some(c, buf, len);

		if (n == -EAGAIN) {
			co_wait(c, LOOP_WRITE);
		} else if (n >= 0) {
			buf += n;
			len -= n;
		} else if (n != -EINTR) {
			return n;
		}
	}
	return 0;
}

/* ---- messages ---- */

/* A reply that nobody has negotiated would be taken for another. */
static bool wants_reply(const struct vub_client *c, bool need_reply)
{
	return need_reply &&
	       (c->protocol_features & VHOST_USER_PROTOCOL_F_REPLY_ACK);
}

static int co_refuse(struct vub_client *c, struct vhost_user_header *header,
		     int ret, const struct err *why)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len;

	vub_log(c->server, LOG_ERROR, "%s", why->text);
	if (!wants_reply(c, header->flags & VHOST_USER_NEED_REPLY))
		header->flags &= ~VHOST_USER_NEED_REPLY;
	len = vhost_user_encode_refusal(buf, VHOST_USER_FRONTEND, header);
	return len > 0 ? co_send(c, buf, len) : ret;
}

static bool has_own_reply(struct vhost_user_msg *msg)
{
	msg->need_reply = false;
	return vhost_user_has_reply(msg);
}

static int co_answer(struct vub_client *c, struct vhost_user_msg *msg)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	bool need_reply = msg->need_reply;
	size_t len;

	if (has_own_reply(msg)) {
		len = vhost_user_encode_reply(buf, msg);
	} else {
		msg->need_reply = need_reply;
		len = vhost_user_encode_success(buf, msg);
	}
	return co_send(c, buf, len);
}

static int co_do(struct vub_client *c, struct vhost_user_header *header,
		 const uint8_t *payload)
{
	struct err err = ERR_INIT;
	struct vhost_user_msg msg;
	int ret = vhost_user_decode_request(VHOST_USER_FRONTEND, header,
					    payload, c->nr_fds,
					    c->protocol_features, &msg, &err);

	if (ret == 0) {
		msg.need_reply = wants_reply(c, msg.need_reply);
		ret = co_vub_message(c, &msg, &err);
		if (ret < 0)
			err_prefix(&err, "%s: ",
				   vhost_user_name(VHOST_USER_FRONTEND,
						   msg.request));
	}
	if (ret < 0)
		return co_refuse(c, header, ret, &err);
	return co_answer(c, &msg);
}

static int co_message(struct vub_client *c)
{
	uint8_t head[VHOST_USER_HEADER_LEN], payload[VHOST_USER_PAYLOAD_MAX];
	struct vhost_user_header header;
	struct err err = ERR_INIT;
	int ret = co_receive(c, head, sizeof(head));

	if (ret < 0)
		return ret;
	ret = vhost_user_decode_header(head, &header, &err);
	if (ret < 0) {
		vub_log(c->server, LOG_ERROR, "%s", err.text);
		return ret;
	}
	ret = co_receive(c, payload, header.size);
	if (ret == 0)
		ret = co_do(c, &header, payload);
	close_fds(c);
	return ret;
}

/* ---- life ---- */

static void client_free(struct vub_client *c)
{
	close_fds(c);
	close_reply_fd(c);
	if (c->dirty_fd >= 0)
		close(c->dirty_fd);
	loop_fd_remove(&c->io);
	close(c->io.fd);
	free(c);
}

static void co_client(void *arg)
{
	struct vub_client *c = arg;
	struct vub_server *server = c->server;
	int ret;

	c->co = co_self();
	do {
		ret = co_message(c);
	} while (ret == 0 && !server->stopping);
	c->leaving = true;
	co_vub_stop_all(c);
	for (unsigned i = 0; i < server->nr_queues; i++)
		vub_queue_reset(&server->queues[i]);
	vub_channel_close(&c->channel);
	vub_dirty_clear(&c->dirty);
	vub_inflight_clear(&c->inflight);
	vub_memory_clear(&c->memory);
	vub_log(server, LOG_DEBUG, "client gone: %s",
		ret < 0 ? strerrordesc_np(-ret) : "stopping");
	client_free(c);
	vub_server_client_gone(server);
}

int vub_client_start(struct vub_server *server, int fd, struct err *err)
{
	struct vub_client *c = calloc(1, sizeof(*c));
	int ret;

	if (!c) {
		close(fd);
		return err_sys(err, ENOMEM, "new client");
	}
	c->server = server;
	c->reply_fd = c->dirty_fd = -1;
	vub_channel_init(&c->channel, server);
	c->memory.node = server->dev.node;
	c->io.fd = fd;
	c->io.ops = &io_ops;
	vblk_reset(&server->dev);
	server->client = c;
	ret = loop_fd_add(server->loop, &c->io, 0, err);
	if (ret == 0 && co_start(co_client, c) < 0)
		ret = err_sys(err, ENOMEM, "new client");
	if (ret < 0) {
		server->client = NULL;
		client_free(c);
	}
	return ret;
}
