/* SPDX-License-Identifier: MIT */
/*
 * The socket of a vhost-user front-end: bytes, descriptors, messages, each
 * with a deadline.
 */
#ifndef TESTS_VHOST_USER_MESSAGES_H
#define TESTS_VHOST_USER_MESSAGES_H

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/vhost_user.h"
#include "tests/check.h"

#define DEADLINE_MS 20000

static inline int front_socket(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	check(fd >= 0);
	check_int(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static inline void wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	check_int(poll(&p, 1, DEADLINE_MS), 1);
}

/* The server has closed it; what it said before is skipped. */
static inline void wait_hang_up(int fd)
{
	char buf[64];
	ssize_t n;

	do {
		wait_readable(fd);
		n = read(fd, buf, sizeof(buf));
	} while (n > 0);
	check(n == 0 || errno == ECONNRESET);
}

static inline void send_bytes(int sock, const void *buf, size_t len,
			      const int *fds, size_t nr_fds)
{
	char control[CMSG_SPACE(VHOST_USER_FDS_MAX * sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (nr_fds) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
	}
	check_int(sendmsg(sock, &msg, MSG_NOSIGNAL), len);
}

static inline void read_bytes(int sock, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n;

		wait_readable(sock);
		n = read(sock, buf, len);
		check(n > 0);
		buf += n;
		len -= n;
	}
}

/* Ask for what comes with a descriptor, and take both. */
static inline int ask_fd(int sock, struct vhost_user_msg *msg, int *fd,
			 struct vhost_user_msg *reply,
			 uint8_t payload[VHOST_USER_PAYLOAD_MAX])
{
	char control[CMSG_SPACE(sizeof(int))];
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct iovec iov = {.iov_base = buf, .iov_len = 1};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	struct vhost_user_header header;
	struct err err = ERR_INIT;

	send_bytes(sock, buf, vhost_user_encode_request(buf, msg), NULL, 0);
	wait_readable(sock);
	check_int(recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC), 1);
	check(CMSG_FIRSTHDR(&hdr));
	memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&hdr)), sizeof(*fd));
	read_bytes(sock, buf + 1, VHOST_USER_HEADER_LEN - 1);
	check_int(vhost_user_decode_header(buf, &header, &err), 0);
	read_bytes(sock, payload, header.size);
	return vhost_user_decode_reply(msg, &header, payload, 1, reply, &err);
}

/* Ask and take the reply: 0, or as vhost_user_decode_reply(). */
static inline int ask(int sock, struct vhost_user_msg *msg, const int *fds,
		      size_t nr_fds, struct vhost_user_msg *reply,
		      uint8_t payload[VHOST_USER_PAYLOAD_MAX])
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct vhost_user_header header;
	struct err err = ERR_INIT;

	send_bytes(sock, buf, vhost_user_encode_request(buf, msg), fds, nr_fds);
	if (!vhost_user_has_reply(msg))
		return 0;
	read_bytes(sock, buf, VHOST_USER_HEADER_LEN);
	check_int(vhost_user_decode_header(buf, &header, &err), 0);
	read_bytes(sock, payload, header.size);
	return vhost_user_decode_reply(msg, &header, payload, 0, reply, &err);
}

/* In this process, which the server is in, too. */
static inline unsigned nr_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned nr = 0;

	check(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

/* The server lets go of the clients before. */
static inline void wait_open_fds(unsigned nr)
{
	for (int ms = 0; nr_open_fds() != nr && ms < DEADLINE_MS; ms++)
		poll(NULL, 0, 1);
	check_int(nr_open_fds(), nr);
}

#endif
