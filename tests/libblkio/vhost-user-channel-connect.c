/* SPDX-License-Identifier: MIT */
/* Connecting says why it can't; a server that does not accept in time, its
 * backlog full, is waited for until the deadline. */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/un.h>

#include "tests/libblkio/vu_peer.h"

#define WAIT_NS (30 * NS_PER_MS)

static struct sockaddr_un addr = {.sun_family = AF_UNIX};
static struct err err;

static int try(const char *path, int64_t deadline_ns)
{
	struct vu_channel ch;
	int ret = vu_channel_connect(&ch, path, deadline_ns, &err);

	if (ret < 0) {
		check_int(ch.fd, -1);
		check(err.text[0]);
	} else {
		check(fcntl(ch.fd, F_GETFD) & FD_CLOEXEC);
	}
	vu_channel_close(&ch);
	check_int(ch.fd, -1);
	return ret;
}

static void paths(void)
{
	char path[200];

	check_int(try("", soon()), -EINVAL);
	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	check_int(try(path, soon()), -EINVAL);
	check_contains(err.text, "108 bytes, 1 to 107 wanted");
	check_int(try("/nowhere/socket", soon()), -ENOENT);
	check_contains(err.text, "connect to /nowhere/socket: ");
}

static int bound(int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(fd >= 0);
	check_int(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	if (backlog >= 0)
		check_int(listen(fd, backlog), 0);
	return fd;
}

static void gone(int fd)
{
	check_int(close(fd), 0);
	check_int(unlink(addr.sun_path), 0);
}

static void not_listening(void)
{
	int fd = bound(-1);

	check_int(try(addr.sun_path, soon()), -ECONNREFUSED);
	gone(fd);
}

static void *accept_one(void *arg)
{
	int fd = accept4(*(int *)arg, NULL, NULL, SOCK_CLOEXEC);

	check(fd >= 0);
	check_int(close(fd), 0);
	return NULL;
}

static volatile sig_atomic_t signals;

static void count(int number)
{
	signals++;
}

/* A backlog of 0 has a place for one. */
static void full(void)
{
	struct sigaction act = {.sa_handler = count};
	struct itimerval each_ms = {{0, 1000}, {0, 1000}}, never = {0};
	int fd = bound(0);
	struct vu_channel first;
	int64_t start;
	pthread_t thread;

	check_int(vu_channel_connect(&first, addr.sun_path, soon(), &err), 0);
	start = clock_now_ns();
	check_int(try(addr.sun_path, start + WAIT_NS), -ETIMEDOUT);
	check(clock_now_ns() - start >= WAIT_NS - NS_PER_MS);
	check_int(try(addr.sun_path, start), -ETIMEDOUT);

	/* signals don't end the wait, a place in the backlog does */
	check_int(sigaction(SIGALRM, &act, NULL), 0);
	check_int(setitimer(ITIMER_REAL, &each_ms, NULL), 0);
	start = clock_now_ns();
	check_int(try(addr.sun_path, start + WAIT_NS), -ETIMEDOUT);
	check(clock_now_ns() - start >= WAIT_NS - NS_PER_MS);
	check_int(setitimer(ITIMER_REAL, &never, NULL), 0);
	check(signals > 0);
	check_int(pthread_create(&thread, NULL, accept_one, &fd), 0);
	check_int(try(addr.sun_path, soon()), 0);
	check_int(pthread_join(thread, NULL), 0);
	vu_channel_close(&first);
	gone(fd);
}

int main(void)
{
	char folder[] = "/tmp/sluice-test.XXXXXX";

	check(mkdtemp(folder));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", folder);
	paths();
	not_listening();
	full();
	check_int(rmdir(folder), 0);
	return 0;
}
