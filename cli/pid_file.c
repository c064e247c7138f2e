/* SPDX-License-Identifier: MIT */
/*
 * The pid file: see pid_file.h.
 *
 * The lock is flock(2)'s: it belongs to the open file, so the system drops
 * it with the process, however that ends, and what a killed server has left
 * is taken over. The owner removes the file while it holds the lock; who
 * opened it before that gets the lock of a file without a name, and so opens
 * the path again.
 */
#include "cli/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_TRIES 16
#define MAX_TEXT 16 /* a process id, newline and NUL */

/* Does the path still lead to the open file? */
static bool is_in_place(const char *path, int fd)
{
	struct stat a, b;

	return stat(path, &a) == 0 && fstat(fd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What another server wrote: digits and a newline, or nothing yet. */
static int text_read(const char *path, int fd, char text[MAX_TEXT],
		     struct err *err)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "reading pid file '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EEXIST,
			       "pid file '%s' is not a regular file", path);
	n = pread(fd, text, MAX_TEXT, 0);
	if (n < 0)
		return err_sys(err, errno, "reading pid file '%s'", path);
	text[MIN(n, MAX_TEXT - 1)] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (st.st_size < MAX_TEXT && strlen(text) + 1 >= (size_t)n &&
	    !text[strspn(text, "0123456789")])
		return 0;
	return err_set(err, EEXIST,
		       "pid file '%s' exists and holds no process id: it is "
		       "left alone",
		       path);
}

/* Open and lock the file that is at path now. Returns the fd. */
static int locked_open(const char *path, struct err *err)
{
	char text[MAX_TEXT];
	int fd, ret;

	fd = open(path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		  0644);
	if (fd < 0)
		return err_sys(err, errno, "opening pid file '%s'", path);
	ret = text_read(path, fd, text, err);
	if (ret == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		ret = errno == EWOULDBLOCK
			      ? err_set(err, EBUSY,
					"pid file '%s' is in use by %s%s", path,
					*text ? "process " : "another process",
					text)
			      : err_sys(err, errno, "locking pid file '%s'",
					path);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

/* Replace what text_read() has found harmless. */
static int pid_write(int fd)
{
	char text[MAX_TEXT];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	ssize_t n;

	if (ftruncate(fd, 0) < 0)
		return -errno;
	n = pwrite(fd, text, (size_t)len, 0);
	if (n < 0)
		return -errno;
	return n == len ? 0 : -ENOSPC;
}

int pid_file_claim(struct pid_file *file, struct err *err)
{
	int fd = -1, ret;

	for (int i = 0; i < OPEN_TRIES; i++) {
		fd = locked_open(file->path, err);
		if (fd < 0)
			return fd;
		if (is_in_place(file->path, fd))
			break;
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		return err_set(err, EBUSY,
			       "pid file '%s' goes away again and "
			       "again",
			       file->path);
	file->fd = fd;
	ret = pid_write(fd);
	if (ret == 0)
		return 0;
	pid_file_remove(file);
	return err_sys(err, -ret, "writing pid file '%s'", file->path);
}

void pid_file_remove(struct pid_file *file)
{
	if (file->fd < 0)
		return;
	if (is_in_place(file->path, file->fd))
		unlink(file->path);
	close(file->fd);
	file->fd = -1;
}
