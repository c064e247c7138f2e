/* SPDX-License-Identifier: MIT */
/* A request that the socket takes byte by byte, with signals and waits between
 * them, is one request, and its descriptor goes with it once. */
#include "tests/libblkio/vu_peer.h"

ssize_t __real_sendmsg(int fd, const struct msghdr *hdr, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *hdr, int flags);

static int calls;

ssize_t __wrap_sendmsg(int fd, const struct msghdr *hdr, int flags)
{
	struct msghdr cut = *hdr;
	struct iovec iov = {hdr->msg_iov->iov_base, 1};

	calls++;
	if (calls % 3 != 0) {
		errno = calls % 3 == 1 ? EINTR : EAGAIN;
		return -1;
	}
	cut.msg_iov = &iov;
	return __real_sendmsg(fd, &cut, flags);
}

/* Returns the number of descriptors that came with the bytes. */
static size_t receive_byte(int fd, uint8_t *byte)
{
	char control[CMSG_SPACE(sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr))));
	struct iovec iov = {byte, 1};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	int passed;

	check_int(recvmsg(fd, &hdr, MSG_DONTWAIT), 1);
	if (!CMSG_FIRSTHDR(&hdr))
		return 0;
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&hdr)), sizeof(passed));
	check_int(close(passed), 0);
	return 1;
}

int main(void)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_SET_VRING_KICK,
				     .vring_fd = {7, true}};
	uint8_t want[VHOST_USER_MSG_MAX], got;
	size_t len = vhost_user_encode_request(want, &msg);
	struct peer p;

	peer_open(&p);
	check_int(vu_channel_call(&p.ch, &msg, &p.ch.fd, 1, soon(), NULL, NULL,
				  &p.err),
		  0);
	check_int(calls, 3 * len);
	for (size_t i = 0; i < len; i++) {
		check_int(receive_byte(p.fd, &got), i == 0);
		check_int(got, want[i]);
	}
	check_int(recv(p.fd, &got, 1, MSG_DONTWAIT), -1);
	peer_close(&p);
	return 0;
}
