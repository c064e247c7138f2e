/* SPDX-License-Identifier: MIT */
/* Only a connected stream socket of AF_UNIX is taken over; anything else is
 * refused and stays open, and a taken one's flags are left as they are. */
#include "tests/libblkio/vu_peer.h"

static struct err err;

static void refused(int fd, int want)
{
	struct vu_channel ch;

	check_int(vu_channel_adopt(&ch, fd, &err), want);
	check_contains(err.text, "descriptor ");
	check_int(ch.fd, -1);
	vu_channel_close(&ch);
	if (want != -EBADF)
		check_int(close(fd), 0);
}

int main(void)
{
	struct vu_channel ch;
	int fds[2];

	refused(-1, -EBADF);
	check_int(pipe(fds), 0);
	refused(fds[0], -ENOTSOCK);
	refused(fds[1], -ENOTSOCK);
	check_int(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	refused(fds[0], -EINVAL);
	refused(fds[1], -EINVAL);
	refused(socket(AF_UNIX, SOCK_STREAM, 0), -EINVAL);
	refused(socket(AF_INET, SOCK_STREAM, 0), -EINVAL);

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(vu_channel_adopt(&ch, fds[0], &err), 0);
	check_int(ch.fd, fds[0]);
	check_int(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	vu_channel_close(&ch);
	check_int(fcntl(fds[0], F_GETFD), -1);
	check_int(close(fds[1]), 0);
	return 0;
}
