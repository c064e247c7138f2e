/* SPDX-License-Identifier: MIT */
/*
 * Our own requests to the client, on the socket that it gave for them
 * ("Back-end communication"): that the configuration has changed.
 *
 * One message at a time, and the next one when it has been answered, if
 * answers were negotiated: changes in between are told together. Nobody waits
 * for the client, which may read or not.
 *
 * Failure modes: the client hangs up, or says what it wasn't asked, which is
 * told in the log: the channel is closed, and the connection goes on. That it
 * couldn't take the message is told in the log. Threads: the main loop.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/vhost-user-blk/vub_int.h"

static const struct vhost_user_msg config_changed = {
	.channel = VHOST_USER_BACKEND,
	.request = VHOST_USER_BACKEND_CONFIG_CHANGE_MSG,
};

void vub_channel_close(struct vub_channel *ch)
{
	if (ch->io.fd < 0)
		return;
	loop_fd_remove(&ch->io);
	close(ch->io.fd);
	ch->io.fd = -1;
}

static void fail(struct vub_channel *ch, const char *text)
{
	vub_log(ch->server, LOG_ERROR, "channel for our requests: %s", text);
	vub_channel_close(ch);
}

/* ---- out ---- */

static ssize_t send_some(struct vub_channel *ch)
{
	struct vhost_user_msg msg = config_changed;
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len;
	ssize_t n;

	msg.need_reply = ch->wants_replies;
	len = vhost_user_encode_request(buf, &msg);
	n = send(ch->io.fd, buf + ch->sent, len - ch->sent,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	ch->sent += n;
	if (ch->sent == len) {
		ch->sent = 0;
		ch->pending = false;
		ch->awaiting = ch->wants_replies;
	}
	return 0;
}

static void send_pending(struct vub_channel *ch)
{
	ssize_t ret = 0;

	while (ch->pending && !ch->awaiting && (ret == 0 || ret == -EINTR))
		ret = send_some(ch);
	if (ret < 0 && ret != -EAGAIN)
		fail(ch, strerrordesc_np(-ret));
	else
		loop_fd_set_events(&ch->io, ret == -EAGAIN
						    ? LOOP_READ | LOOP_WRITE
						    : LOOP_READ);
}

static void on_write(struct loop_fd *io)
{
	send_pending(container_of(io, struct vub_channel, io));
}

void vub_channel_config_changed(struct vub_channel *ch)
{
	/* what is half sent tells of this change as well */
	if (ch->io.fd < 0 || ch->pending)
		return;
	ch->pending = true;
	send_pending(ch);
}

/* ---- in ---- */

static void take_reply(struct vub_channel *ch)
{
	struct vhost_user_msg reply;
	struct vhost_user_header header;
	struct err err = ERR_INIT;
	int ret = vhost_user_decode_header(ch->in, &header, &err);

	if (ret == 0)
		ret = vhost_user_decode_reply(&config_changed, &header,
					      ch->in + VHOST_USER_HEADER_LEN, 0,
					      &reply, &err);
	if (ret < 0 && ret != -EIO) {
		fail(ch, err.text);
		return;
	}
	if (ret < 0)
		vub_log(ch->server, LOG_ERROR, "%s", err.text);
	ch->got = 0;
	ch->awaiting = false;
	send_pending(ch);
}

static void on_read(struct loop_fd *io)
{
	struct vub_channel *ch = container_of(io, struct vub_channel, io);
	/* a byte that nobody waits for is one too many */
	size_t room = ch->awaiting ? sizeof(ch->in) - ch->got : 1;
	ssize_t n = recv(io->fd, ch->in + ch->got, room, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0) { /* before the connection, as a rule */
		vub_channel_close(ch);
		return;
	}
	if (n < 0) {
		fail(ch, strerrordesc_np(errno));
		return;
	}
	if (!ch->awaiting) {
		fail(ch, "it says what it wasn't asked");
		return;
	}
	ch->got += n;
	if (ch->got == sizeof(ch->in))
		take_reply(ch);
}

static const struct loop_fd_ops io_ops = {
	.on_read = on_read,
	.on_write = on_write,
};

int vub_channel_open(struct vub_channel *ch, int fd, bool wants_replies,
		     struct err *err)
{
	struct vub_server *server = ch->server;
	int type = 0, ret;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_STREAM)
		return err_set(err, EINVAL,
			       "channel for our requests: not a stream socket");
	vub_channel_close(ch);
	*ch = (struct vub_channel){
		.server = server,
		.io = {.fd = fd, .ops = &io_ops},
		.wants_replies = wants_replies,
	};
	ret = loop_fd_add(server->loop, &ch->io, LOOP_READ, err);
	if (ret < 0)
		ch->io.fd = -1;
	return ret;
}

void vub_channel_init(struct vub_channel *ch, struct vub_server *server)
{
	*ch = (struct vub_channel){.server = server, .io = {.fd = -1}};
}
