/* SPDX-License-Identifier: MIT */
/* Sockets handed in by LISTEN_FDS are taken when they are for us and fit. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/listen.h"
#include "tests/check.h"

static struct err err;

static int inherit(const char *pid, const char *fds, struct listener *l)
{
	char self[20];
	int ret;

	snprintf(self, sizeof(self), "%d", getpid());
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	if (pid)
		setenv("LISTEN_PID", strcmp(pid, "self") ? pid : self, 1);
	if (fds)
		setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_FDNAMES", "a:b", 1);
	ret = listener_inherit(l, &err);
	check(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") &&
	      !getenv("LISTEN_FDNAMES"));
	return ret;
}

static void none(const char *pid, const char *fds)
{
	struct listener l;

	check_int(inherit(pid, fds, &l), 0);
	check_int(l.nr_fds, 0);
}

static void bad(const char *fds, const char *text)
{
	struct listener l;

	check_int(inherit("self", fds, &l), -EINVAL);
	check_contains(err.text, text);
}

/* Put fd at number n. */
static void place(int fd, int n)
{
	check(fd >= 0 && dup2(fd, n) == n);
}

int main(void)
{
	int pair[2];
	struct listener source, l;

	none(NULL, NULL);
	none("self", NULL);
	none(NULL, "1");
	none("1", "1");
	none("self", "0");
	bad("x", "LISTEN_FDS");
	bad("-1", "LISTEN_FDS");
	bad("17", "LISTEN_FDS");
	check_int(inherit("x", "1", &l), -EINVAL);

	check_int(listener_open("127.0.0.1:0", 16, &source, &err), 0);
	place(source.fds[0], 10);
	place(10, 3);
	place(10, 4);
	check_int(inherit("self", "2", &l), 0);
	check_int(l.nr_fds, 2);
	for (int i = 0; i < 2; i++) {
		check_int(l.fds[i], 3 + i);
		check(fcntl(l.fds[i], F_GETFL) & O_NONBLOCK);
		check(fcntl(l.fds[i], F_GETFD) & FD_CLOEXEC);
	}
	check(l.uri_text && !l.unix_path);
	listener_close(&l);
	place(10, 3);

	/* connected, or no socket, or nothing there */
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	place(pair[0], 4);
	bad("2", "fd 4");
	place(open("/dev/null", O_RDONLY), 4);
	check_int(inherit("self", "2", &l), -ENOTSOCK);
	close(4);
	check_int(inherit("self", "2", &l), -EBADF);
	listener_close(&source);
	return 0;
}
