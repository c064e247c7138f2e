/* SPDX-License-Identifier: MIT */
/*
 * How a vhost-user channel comes to its socket: see channel.h. Failure modes:
 * as there; a socket made here is closed again. No state but the channel's.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/channel.h"
#include "util/clock.h"

static void init(struct vu_channel *ch, int fd)
{
	ch->fd = fd;
	ch->cancel_fd = -1;
	ch->broken = ch->hung_up = false;
	ch->reply_ack = false;
	ch->received = 0;
	ch->nr_fds = 0;
}

static int connect_within(int fd, const struct sockaddr_un *addr,
			  int64_t deadline_ns)
{
	for (;;) {
		int64_t us = (deadline_ns - clock_now_ns()) / NS_PER_US;
		struct timeval left = {us / 1000000, us % 1000000};

		/*
		 * The one way to wait for a place in the backlog: poll(2) does
		 * not tell, and a connect(2) that may not block is over with
		 * -EAGAIN, as is one whose time is up.
		 */
		if (us <= 0)
			return -ETIMEDOUT;
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left,
			       sizeof(left)) < 0)
			return -errno;
		if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ==
		    0)
			return 0;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

int vu_channel_connect(struct vu_channel *ch, const char *path,
		       int64_t deadline_ns, struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, ret;

	init(ch, -1);
	if (len == 0 || len >= sizeof(addr.sun_path))
		return err_set(err, EINVAL,
			       "socket's path of %zu bytes, 1 to %zu wanted",
			       len, sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, errno, "socket");
	ret = connect_within(fd, &addr, deadline_ns);
	if (ret < 0) {
		close(fd);
		return err_sys(err, -ret, "connect to %s", path);
	}
	init(ch, fd);
	return 0;
}

static int socket_option(int fd, int name, int *value, struct err *err)
{
	socklen_t len = sizeof(*value);

	if (getsockopt(fd, SOL_SOCKET, name, value, &len) < 0)
		return err_sys(err, errno, "descriptor %d as a socket", fd);
	return 0;
}

int vu_channel_adopt(struct vu_channel *ch, int fd, struct err *err)
{
	struct sockaddr_un peer;
	socklen_t len = sizeof(peer);
	int domain, type, ret;

	init(ch, -1);
	ret = socket_option(fd, SO_DOMAIN, &domain, err);
	if (ret == 0)
		ret = socket_option(fd, SO_TYPE, &type, err);
	if (ret < 0)
		return ret;
	if (domain != AF_UNIX || type != SOCK_STREAM ||
	    getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
		return err_set(err, EINVAL,
			       "descriptor %d: a connected stream socket of "
			       "AF_UNIX wanted",
			       fd);
	init(ch, fd);
	return 0;
}
