/* SPDX-License-Identifier: MIT */
/* A stale socket file is replaced; a live one, and other files, are not. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/listen.h"
#include "tests/check.h"

static char dir[] = "/tmp/nbd-listen.XXXXXX";
static struct err err;

static bool exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static void is_what_was_promised(const struct listener *l)
{
	int flags = fcntl(l->fds[0], F_GETFL);

	check_int(l->nr_fds, 1);
	check(flags & O_NONBLOCK);
	check(fcntl(l->fds[0], F_GETFD) & FD_CLOEXEC);
	check_int(accept(l->fds[0], NULL, NULL), -1);
	check_int(errno, EAGAIN);
	check_str(l->uri_text, "unix:s");
}

int main(void)
{
	struct listener a, b;
	char longest[200];

	check(mkdtemp(dir) && chdir(dir) == 0);
	check_int(listener_open("unix:s", 16, &a, &err), 0);
	is_what_was_promised(&a);

	/* live: also with a full backlog */
	check_int(listener_open("unix:s", 16, &b, &err), -EADDRINUSE);
	check_contains(err.text, "another server");
	listener_close(&a);
	check(!exists("s"));
	check_int(listener_open("unix:s", 0, &a, &err), 0);
	for (int i = 0; i < 3; i++)
		check_int(listener_open("unix:s", 0, &b, &err), -EADDRINUSE);

	/* stale: as after a kill, the file stays and nobody listens */
	close(a.fds[0]);
	check(exists("s"));
	check_int(listener_open("unix:s", 16, &b, &err), 0);
	is_what_was_promised(&b);
	/* a move to another directory does not keep it from being found */
	check(chdir("/") == 0);
	listener_close(&b);
	check(chdir(dir) == 0 && !exists("s"));
	a.nr_fds = 0;
	listener_close(&a);

	/* whose file was removed does not take away the next one's */
	check_int(listener_open("unix:s", 16, &a, &err), 0);
	check_int(unlink("s"), 0);
	check_int(listener_open("unix:s", 16, &b, &err), 0);
	listener_close(&a);
	check(exists("s"));
	listener_close(&b);
	check(!exists("s"));

	/* not ours to replace */
	close(open("s", O_CREAT | O_WRONLY, 0600));
	check_int(listener_open("unix:s", 16, &a, &err), -EADDRINUSE);
	check_contains(err.text, "not a socket");
	check(exists("s"));
	check(unlink("s") == 0 && mkdir("s", 0700) == 0);
	check_int(listener_open("unix:s", 16, &a, &err), -EADDRINUSE);
	check(rmdir("s") == 0);

	check_int(listener_open("unix:none/s", 16, &a, &err), -ENOENT);
	check_int(listener_open("unix:", 16, &a, &err), -EINVAL);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "unix:", 5);
	longest[5 + 108] = '\0';
	check_int(listener_open(longest, 16, &a, &err), -EINVAL);
	longest[5 + 107] = '\0';
	check_int(listener_open(longest, 16, &a, &err), 0);
	listener_close(&a);
	check(rmdir(dir) == 0);
	return 0;
}
