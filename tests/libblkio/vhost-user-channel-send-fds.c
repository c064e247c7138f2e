/* SPDX-License-Identifier: MIT */
/* Descriptors go with their request, in order, and stay open here; one that
 * can't be passed fails the call and leaves the channel in order. */
#include <sys/stat.h>

#include "tests/libblkio/vu_peer.h"

#define NR 8

static void receive(struct peer *p, const int *sent)
{
	char control[CMSG_SPACE(NR * sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr))));
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	int fds[NR];

	check_int(recvmsg(p->fd, &hdr, MSG_DONTWAIT), 12 + 8 + 32 * NR);
	check(!(hdr.msg_flags & MSG_CTRUNC));
	check_int(CMSG_FIRSTHDR(&hdr)->cmsg_len, CMSG_LEN(sizeof(fds)));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&hdr)), sizeof(fds));
	for (size_t i = 0; i < NR; i++) {
		struct stat here, there;

		check_int(fstat(sent[i], &here), 0);
		check_int(fstat(fds[i], &there), 0);
		check_int(here.st_ino, there.st_ino);
		check_int(close(fds[i]), 0);
	}
}

static int send_table(struct peer *p, const int *fds)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_SET_MEM_TABLE};

	msg.table.nr = NR;
	for (uint32_t i = 0; i < NR; i++)
		msg.table.regions[i] = (struct vhost_user_region){
			.guest_addr = i * 4096, .size = 4096};
	return vu_channel_call(&p->ch, &msg, fds, NR, soon(), NULL, NULL,
			       &p->err);
}

int main(void)
{
	struct peer p;
	int fds[NR], bad;

	peer_open(&p);
	for (size_t i = 0; i < NR; i += 2)
		check_int(pipe(fds + i), 0);
	check_int(send_table(&p, fds), 0);
	receive(&p, fds);

	bad = fds[3];
	check_int(close(bad), 0);
	check_int(send_table(&p, fds), -EBADF);
	check_contains(p.err.text, "SET_MEM_TABLE: send: ");
	check_int(pipe(fds + 3), 0); /* one end is at its old place */
	check_int(fds[3], bad);
	check_int(send_table(&p, fds), 0);
	receive(&p, fds);
	peer_close(&p);
	return 0;
}
