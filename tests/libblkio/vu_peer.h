/* SPDX-License-Identifier: MIT */
/*
 * The other end of a vhost-user channel, told by a test what to send. What it
 * sends before the call is there when the call comes to read it, so most
 * tests need no second thread. A function ends the test when something goes
 * wrong that the test is not about.
 */
#ifndef TESTS_LIBBLKIO_VU_PEER_H
#define TESTS_LIBBLKIO_VU_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/channel.h"
#include "tests/check.h"
#include "util/clock.h"
#include "util/compiler.h"

/* No wait in a test that passes takes this long. */
#define PEER_TIMEOUT_NS (20 * NS_PER_SEC)

struct peer {
	struct vu_channel ch; /* what is tested */
	int fd;		      /* the peer's end */
	struct err err;	      /* of the last call */
};

static inline int64_t soon(void)
{
	return clock_now_ns() + PEER_TIMEOUT_NS;
}

static inline void peer_open(struct peer *p)
{
	int fds[2];

	p->err.text[0] = '\0';
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check_int(vu_channel_adopt(&p->ch, fds[0], &p->err), 0);
	p->fd = fds[1];
}

static inline void peer_hang_up(struct peer *p)
{
	check_int(close(p->fd), 0);
	p->fd = -1;
}

static inline void peer_close(struct peer *p)
{
	vu_channel_close(&p->ch);
	if (p->fd >= 0)
		peer_hang_up(p);
}

static inline void peer_send_fds(struct peer *p, const void *buf, size_t len,
				 const int *fds, size_t nr_fds)
{
	static char control[CMSG_SPACE(253 * sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr))));
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};

	if (nr_fds > 0) {
		hdr.msg_control = control;
		hdr.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nr_fds * sizeof(int));
	}
	check_int(sendmsg(p->fd, &hdr, MSG_NOSIGNAL), len);
}

static inline void peer_send(struct peer *p, const void *buf, size_t len)
{
	if (len > 0)
		peer_send_fds(p, buf, len, NULL, 0);
}

/* All that the channel has sent, without waiting for more. */
static inline size_t peer_receive(struct peer *p, uint8_t *buf, size_t size)
{
	ssize_t n = recv(p->fd, buf, size, MSG_DONTWAIT);

	if (n < 0)
		check_int(errno, EAGAIN);
	return n < 0 ? 0 : n;
}

static inline uint32_t word(const uint8_t *buf, size_t index)
{
	uint32_t v;

	memcpy(&v, buf + index * sizeof(v), sizeof(v));
	return v;
}

/* A message of any header, with 64 bits or nothing in it; its length */
static inline size_t make(uint8_t *buf, uint32_t request, uint32_t flags,
			  uint32_t size, uint64_t value)
{
	uint32_t words[] = {request, flags, size};

	memcpy(buf, words, sizeof(words));
	memcpy(buf + sizeof(words), &value, sizeof(value));
	return sizeof(words) + (size < sizeof(value) ? size : sizeof(value));
}

static inline int call(struct peer *p, uint32_t request,
		       struct vhost_user_msg *reply)
{
	struct vhost_user_msg msg = {.request = request};
	int ret = vu_channel_call(&p->ch, &msg, NULL, 0, soon(), reply, NULL,
				  &p->err);

	check(ret == 0 || p->err.text[0]);
	return ret;
}

/* The stream is lost, and who polls the socket sees it. */
static inline void check_given_up(struct peer *p)
{
	struct pollfd pfd = {.fd = p->ch.fd, .events = POLLRDHUP};

	check(p->ch.broken);
	check_int(p->ch.nr_fds, 0);
	check_int(poll(&pfd, 1, 0), 1);
	check(pfd.revents & POLLRDHUP);
	check_int(call(p, VHOST_USER_GET_FEATURES, NULL), -ECONNRESET);
	check_contains(p->err.text, "given up");
}

#endif
