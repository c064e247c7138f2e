/* SPDX-License-Identifier: MIT */
/* A descriptor that belongs to the reply is handed over, closed on exec; all
 * others are closed, however many there are and wherever they come. */
#include <sys/resource.h>

#include "tests/libblkio/vu_peer.h"

#define MANY 253 /* the most that the kernel passes */

static uint8_t buf[VHOST_USER_MSG_MAX];
static int ends[2]; /* of a pipe: the second is sent */

/* The last copy of the pipe's second end is gone. */
static void check_all_closed(void)
{
	struct pollfd pfd = {.fd = ends[0]};

	check_int(close(ends[1]), 0);
	check_int(poll(&pfd, 1, 0), 1);
	check(pfd.revents & POLLHUP);
	check_int(close(ends[0]), 0);
}

static void with_fds(struct peer *p, size_t nr, size_t from, size_t len)
{
	int fds[MANY];

	for (size_t i = 0; i < nr; i++)
		fds[i] = ends[1];
	peer_send_fds(p, buf + from, len, fds, nr);
}

static void unwanted(size_t nr, const char *text)
{
	struct peer p;

	check_int(pipe2(ends, O_CLOEXEC), 0);
	peer_open(&p);
	with_fds(&p, nr, 0, make(buf, VHOST_USER_GET_FEATURES, 5, 8, 0));
	check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), -EPROTO);
	check_contains(p.err.text, text);
	check_given_up(&p);
	check_all_closed();
	peer_close(&p);
}

static int get_inflight(struct peer *p, int *fd)
{
	struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_INFLIGHT_FD,
		.inflight = {.nr_queues = 1, .queue_size = 1}};
	struct vhost_user_msg reply;

	return vu_channel_call(&p->ch, &msg, NULL, 0, soon(), &reply, fd,
			       &p->err);
}

static void inflight(struct peer *p)
{
	memset(buf, 0, sizeof(buf));
	make(buf, VHOST_USER_GET_INFLIGHT_FD, 5, 24, 4096);
	check_int(pipe2(ends, O_CLOEXEC), 0);
	peer_open(p);
}

static void wanted(void)
{
	struct peer p;
	int fd;

	inflight(&p);
	with_fds(&p, 1, 0, 36);
	check_int(get_inflight(&p, &fd), 0);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	check_int(write(fd, "x", 1), 1);
	check_int(read(ends[0], buf, 1), 1);
	check_int(close(fd), 0);
	check_all_closed();
	peer_close(&p);
	/* the caller doesn't take it */
	inflight(&p);
	with_fds(&p, 1, 0, 36);
	check_int(get_inflight(&p, NULL), 0);
	check_all_closed();
	peer_close(&p);
}

/* In two portions: what the first had is closed as well. */
static void portions(void)
{
	struct peer p;
	int fd;

	inflight(&p);
	with_fds(&p, 5, 0, 6);
	with_fds(&p, 4, 6, 30);
	check_int(get_inflight(&p, &fd), -EPROTO);
	check_int(fd, -1);
	check_given_up(&p);
	check_all_closed();
	peer_close(&p);
}

/* The back-end hangs up when they are sent and the message isn't. */
static void cut(void)
{
	struct peer p;
	int fd;

	inflight(&p);
	with_fds(&p, 1, 0, 20);
	check_int(shutdown(p.fd, SHUT_WR), 0);
	check_int(get_inflight(&p, &fd), -ECONNRESET);
	check_int(fd, -1);
	check_all_closed();
	peer_close(&p);
}

/* This process may have no more. */
static void no_room(void)
{
	struct rlimit limit, none;
	struct peer p;
	int fd, ret;

	inflight(&p);
	with_fds(&p, 1, 0, 36);
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
	ret = get_inflight(&p, &fd);
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	if (ret == 0) {
		/* it came: valgrind only pretends to set the limit */
		check_int(close(fd), 0);
	} else {
		check_int(ret, -EPROTO);
		check_contains(p.err.text, "than this process may have");
	}
	check_all_closed();
	peer_close(&p);
}

int main(void)
{
	unwanted(1, "1 file descriptors");
	unwanted(8, "8 file descriptors");
	unwanted(9, "more file descriptors");
	unwanted(MANY, "more file descriptors");
	wanted();
	portions();
	cut();
	no_room();
	return 0;
}
