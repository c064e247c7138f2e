/* SPDX-License-Identifier: MIT */
/*
 * Going to the background: see daemon.h.
 *
 * One fork and setsid(2): the child never opens a terminal, so it can't get
 * one back, and the parent can wait for its own child's exit status.
 */
#include "cli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent's part: 1, with the status to exit with. */
static int wait_until_ready(int fd, pid_t child, int *status, struct err *err)
{
	char byte;
	ssize_t n;
	int how;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	*status = EXIT_SUCCESS;
	if (n == 1)
		return 1;
	/* it has ended, and said why on our stderr, unless it was killed */
	while (waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "waiting for the server");
	if (!WIFEXITED(how))
		return err_set(
			err, ECHILD,
			"the server was killed by signal %d at its start",
			WTERMSIG(how));
	*status = WEXITSTATUS(how);
	return 1;
}

int daemon_fork(struct daemon *daemon, int *status, struct err *err)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "going to the background");
	pid = fork();
	if (pid < 0) {
		int ret = err_sys(err, errno, "going to the background");

		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	if (pid > 0) {
		close(fds[1]);
		return wait_until_ready(fds[0], pid, status, err);
	}
	close(fds[0]);
	setsid();
	daemon->ready_fd = fds[1];
	return 0;
}

/* Have stdin, stdout and, unless it is in use, stderr mean nothing. */
static int standard_fds_drop(bool keep_stderr, struct err *err)
{
	int last = keep_stderr ? STDOUT_FILENO : STDERR_FILENO;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "opening '/dev/null'");
	for (int i = STDIN_FILENO; i <= last; i++)
		dup2(fd, i);
	close(fd);
	return 0;
}

int daemon_ready(struct daemon *daemon, int log_fd, struct err *err)
{
	int ret;

	if (log_fd >= 0)
		dup2(log_fd, STDERR_FILENO);
	if (daemon->ready_fd < 0)
		return 0;
	if (chdir("/") < 0)
		return err_sys(err, errno, "changing to '/'");
	ret = standard_fds_drop(log_fd >= 0, err);
	if (ret < 0)
		return ret;
	/* the parent may be gone, which changes nothing for us */
	if (write(daemon->ready_fd, "", 1) != 1)
		errno = 0;
	close(daemon->ready_fd);
	daemon->ready_fd = -1;
	return 0;
}

char *path_absolute(const char *path)
{
	char *cwd, *absolute;

	if (path[0] == '/')
		return strdup(path);
	cwd = getcwd(NULL, 0);
	if (!cwd || asprintf(&absolute, "%s/%s", cwd, path) < 0)
		absolute = NULL;
	free(cwd);
	return absolute;
}
