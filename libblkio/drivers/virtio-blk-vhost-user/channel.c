/* SPDX-License-Identifier: MIT */
/*
 * Messages over a vhost-user socket: see channel.h. The socket may be shared
 * with others that want it to block, so it is each call that does not
 * (MSG_DONTWAIT), and ppoll(2) waits. A message is received in as many pieces
 * as it comes in, and never a byte more, so that descriptors can't be taken for
 * those of the next.
 */
#include "libblkio/drivers/virtio-blk-vhost-user/channel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/compiler.h"

/* Control data of the most descriptors that we send or take. */
union control {
	char buf[CMSG_SPACE(sizeof(int) * VHOST_USER_FDS_MAX)];
	struct cmsghdr align;
};

static void close_fds(struct vu_channel *ch)
{
	while (ch->nr_fds > 0)
		close(ch->fds[--ch->nr_fds]);
}

/* The stream is lost. Returns ret. */
static int give_up(struct vu_channel *ch, int ret)
{
	close_fds(ch);
	ch->broken = true;
	ch->hung_up = ret == -ECONNRESET;
	shutdown(ch->fd, SHUT_RDWR);
	return ret;
}

static int hung_up(struct err *err)
{
	return err_set(err, ECONNRESET, "back-end hung up");
}

static int check_usable(const struct vu_channel *ch, struct err *err)
{
	if (ch->fd < 0)
		return err_set(err, ECONNRESET, "not connected");
	if (ch->broken)
		return err_set(err, ECONNRESET,
			       "connection was given up before");
	return 0;
}

void vu_channel_close(struct vu_channel *ch)
{
	close_fds(ch);
	if (ch->fd >= 0)
		close(ch->fd);
	ch->fd = -1;
}

/* ---- Sending and receiving ---- */

/* 0, -ETIMEDOUT or -ECANCELED; a hang-up ends the wait too */
static int wait_until(const struct vu_channel *ch, short events,
		      int64_t deadline_ns, struct err *err)
{
	struct pollfd pfds[] = {
		{.fd = ch->fd, .events = events},
		{.fd = ch->cancel_fd, .events = POLLIN},
	};

	for (;;) {
		int64_t ns = MAX(deadline_ns - clock_now_ns(), 0);
		struct timespec left = {ns / NS_PER_SEC, ns % NS_PER_SEC};
		int ret = ppoll(pfds, ARRAY_SIZE(pfds), &left, NULL);

		if (ret > 0 && pfds[1].revents)
			return err_set(err, ECANCELED, "nobody waits any more");
		if (ret > 0)
			return 0;
		if (ret == 0)
			return err_set(err, ETIMEDOUT,
				       "back-end does not %s in time",
				       events == POLLOUT ? "read" : "answer");
		if (errno != EINTR)
			return err_sys(err, errno, "poll");
	}
}

static void put_fds(struct msghdr *hdr, union control *control, const int *fds,
		    size_t nr_fds)
{
	struct cmsghdr *cmsg = &control->align;

	assert(nr_fds <= VHOST_USER_FDS_MAX);
	if (nr_fds == 0)
		return;
	memset(control, 0, sizeof(*control));
	hdr->msg_control = control;
	hdr->msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, nr_fds * sizeof(int));
}

/* As much as there is room for. Returns bytes; 0: there is none now. */
static ssize_t send_some(struct vu_channel *ch, const uint8_t *buf, size_t len,
			 const int *fds, size_t nr_fds, struct err *err)
{
	struct iovec iov = {.iov_base = (void *)buf, .iov_len = len};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control;
	ssize_t n;

	put_fds(&hdr, &control, fds, nr_fds);
	do {
		n = sendmsg(ch->fd, &hdr, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return hung_up(err);
	return err_sys(err, errno, "send");
}

/* Descriptors that can't be passed on leave the channel in order. */
static int send_all(struct vu_channel *ch, const uint8_t *buf, size_t len,
		    const int *fds, size_t nr_fds, int64_t deadline_ns,
		    struct err *err)
{
	size_t sent = 0;

	while (sent < len) {
		/* the descriptors go with the first byte */
		ssize_t n = send_some(ch, buf + sent, len - sent, fds,
				      sent == 0 ? nr_fds : 0, err);
		int ret = 0;

		if (n < 0)
			return sent > 0 || n == -ECONNRESET ? give_up(ch, n)
							    : n;
		if (n == 0)
			ret = wait_until(ch, POLLOUT, deadline_ns, err);
		if (ret < 0)
			return give_up(ch, ret);
		sent += n;
	}
	return 0;
}

static int take_fds(struct vu_channel *ch, struct msghdr *hdr, struct err *err)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(hdr); cmsg; cmsg = CMSG_NXTHDR(hdr, cmsg)) {
		const unsigned char *p = CMSG_DATA(cmsg);
		size_t nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < nr; i++) {
			memcpy(&fd, p + i * sizeof(fd), sizeof(fd));
			if (ch->nr_fds < VHOST_USER_FDS_MAX) {
				ch->fds[ch->nr_fds++] = fd;
			} else {
				close(fd);
				hdr->msg_flags |= MSG_CTRUNC;
			}
		}
	}
	if (hdr->msg_flags & MSG_CTRUNC)
		return err_set(err, EPROTO,
			       "more file descriptors came from the back-end "
			       "than %d, or than this process may have",
			       VHOST_USER_FDS_MAX);
	return 0;
}

/* Up to len bytes more of the message. Returns bytes; 0: there is none now. */
static ssize_t receive_some(struct vu_channel *ch, size_t len, struct err *err)
{
	struct iovec iov = {.iov_base = ch->buf + ch->received, .iov_len = len};
	union control control;
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;
	int ret;

	do {
		n = recvmsg(ch->fd, &hdr, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return hung_up(err);
	if (n < 0)
		return err_sys(err, errno, "receive");
	ret = take_fds(ch, &hdr, err);
	if (ret < 0)
		return ret;
	ch->received += n;
	return n;
}

/*
 * What there is of the message. Returns 1 when it is whole, with its header, 0
 * when there is no more of it now, or negative.
 */
static int receive(struct vu_channel *ch, struct vhost_user_header *header,
		   struct err *err)
{
	size_t wanted = VHOST_USER_HEADER_LEN;
	ssize_t n;
	int ret;

	for (;;) {
		if (ch->received >= VHOST_USER_HEADER_LEN) {
			ret = vhost_user_decode_header(ch->buf, header, err);
			if (ret < 0) {
				err_prefix(err, "back-end's ");
				return ret;
			}
			wanted = VHOST_USER_HEADER_LEN + header->size;
			if (ch->received == wanted)
				return 1;
		}
		n = receive_some(ch, wanted - ch->received, err);
		if (n <= 0)
			return n;
	}
}

/* ---- Calls ---- */

static int receive_reply(struct vu_channel *ch,
			 const struct vhost_user_msg *asked,
			 int64_t deadline_ns, struct vhost_user_msg *reply,
			 struct err *err)
{
	struct vhost_user_header header;
	int ret = receive(ch, &header, err);

	while (ret == 0) {
		ret = wait_until(ch, POLLIN, deadline_ns, err);
		if (ret == 0)
			ret = receive(ch, &header, err);
	}
	if (ret > 0)
		return vhost_user_decode_reply(asked, &header,
					       ch->buf + VHOST_USER_HEADER_LEN,
					       ch->nr_fds, reply, err);
	err_prefix(err, "reply to %s: ",
		   vhost_user_name(asked->channel, asked->request));
	return ret;
}

static int send_request(struct vu_channel *ch,
			const struct vhost_user_msg *request, const int *fds,
			size_t nr_fds, int64_t deadline_ns, struct err *err)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len = vhost_user_encode_request(buf, request);
	int ret = check_usable(ch, err);

	if (ret == 0)
		ret = send_all(ch, buf, len, fds, nr_fds, deadline_ns, err);
	if (ret < 0)
		err_prefix(err, "%s: ",
			   vhost_user_name(request->channel, request->request));
	return ret;
}

int vu_channel_call(struct vu_channel *ch, const struct vhost_user_msg *request,
		    const int *fds, size_t nr_fds, int64_t deadline_ns,
		    struct vhost_user_msg *reply, int *reply_fd,
		    struct err *err)
{
	struct vhost_user_msg asked = *request, ignored;
	int ret;

	if (reply_fd)
		*reply_fd = -1;
	if (ch->reply_ack && !vhost_user_has_reply(&asked))
		asked.need_reply = true;
	ret = send_request(ch, &asked, fds, nr_fds, deadline_ns, err);
	if (ret < 0 || !vhost_user_has_reply(&asked))
		return ret;
	ret = receive_reply(ch, &asked, deadline_ns, reply ? reply : &ignored,
			    err);
	if (ret < 0 && ret != -EIO)
		return give_up(ch, ret);
	ch->received = 0;
	if (reply_fd && ch->nr_fds > 0)
		*reply_fd = ch->fds[--ch->nr_fds];
	close_fds(ch);
	return ret;
}

int vu_channel_check(struct vu_channel *ch, struct err *err)
{
	uint8_t byte;
	ssize_t n;
	int ret = check_usable(ch, err);

	if (ret < 0)
		return ret;
	n = recv(ch->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		ret = err_set(err, EBADMSG, "back-end says something unasked");
	else
		ret = hung_up(err);
	return give_up(ch, ret);
}

/* An answer of few bytes, for which there is room if ours are read at all. */
static int send_answer(struct vu_channel *ch, const uint8_t *buf, size_t len,
		       struct err *err)
{
	ssize_t n = len > 0 ? send_some(ch, buf, len, NULL, 0, err) : 0;

	if (n < 0)
		return n;
	if ((size_t)n < len)
		return err_set(err, EPROTO,
			       "back-end does not read our answers");
	return 0;
}

int vu_channel_serve(struct vu_channel *ch, uint64_t protocol_features,
		     struct vhost_user_msg *request, struct err *err)
{
	uint8_t answer[VHOST_USER_MSG_MAX];
	struct vhost_user_header header;
	int ret = check_usable(ch, err), decoded;
	size_t len;

	if (ret < 0)
		return ret;
	ret = receive(ch, &header, err);
	if (ret <= 0)
		return ret < 0 ? give_up(ch, ret) : 0;
	decoded = vhost_user_decode_request(
		VHOST_USER_BACKEND, &header, ch->buf + VHOST_USER_HEADER_LEN,
		ch->nr_fds, protocol_features, request, err);
	if (decoded == -EBADMSG)
		return give_up(ch, decoded);
	/* before it is acted upon: that may take calls on the other channel */
	if (decoded == 0)
		len = vhost_user_encode_success(answer, request);
	else
		len = vhost_user_encode_refusal(answer, VHOST_USER_BACKEND,
						&header);
	ch->received = 0;
	close_fds(ch);
	ret = send_answer(ch, answer, len, err);
	if (ret < 0)
		return give_up(ch, ret);
	return decoded == 0;
}
