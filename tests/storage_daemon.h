/* SPDX-License-Identifier: MIT */
/*
 * qemu-storage-daemon as the server of a vhost-user disk: with four queues,
 * for one client at a time. It ends with the process that starts it. A
 * function ends the test when something goes wrong.
 */
#ifndef TESTS_STORAGE_DAEMON_H
#define TESTS_STORAGE_DAEMON_H

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "util/clock.h"

#define STORAGE_DAEMON "qemu-storage-daemon"
#define STORAGE_DAEMON_START_S 20

static inline bool storage_daemon_installed(void)
{
	return system(STORAGE_DAEMON " --version >/dev/null 2>&1") == 0;
}

/* In the child. */
static inline void storage_daemon_run(const char *file, const char *dir)
{
	char disk[PATH_MAX + 64], export[PATH_MAX + 128], pid[PATH_MAX + 8];
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(disk, sizeof(disk), "driver=file,node-name=d,filename=%s",
		 file);
	snprintf(export, sizeof(export),
		 "type=vhost-user-blk,id=e,node-name=d,addr.type=unix,"
		 "addr.path=%s/socket,writable=on,num-queues=4",
		 dir);
	snprintf(pid, sizeof(pid), "%s/pid", dir);
	execlp(STORAGE_DAEMON, STORAGE_DAEMON, "--blockdev", disk, "--export",
	       export, "--pidfile", pid, NULL);
	_exit(127);
}

/*
 * Serve the file at dir/socket; it listens when this returns. It leaves that
 * and dir/pid behind, for the caller to remove.
 */
static inline pid_t storage_daemon_start(const char *file, const char *dir)
{
	int64_t end_ns = clock_now_ns() + STORAGE_DAEMON_START_S * NS_PER_SEC;
	const struct timespec pause = {.tv_nsec = NS_PER_MS};
	char pid_file[PATH_MAX + 8];
	pid_t pid = fork();

	check(pid >= 0);
	if (pid == 0)
		storage_daemon_run(file, dir);
	/* it makes that file when all else is done */
	snprintf(pid_file, sizeof(pid_file), "%s/pid", dir);
	while (access(pid_file, F_OK) < 0) {
		check_int(waitpid(pid, NULL, WNOHANG), 0);
		check(clock_now_ns() < end_ns);
		nanosleep(&pause, NULL);
	}
	return pid;
}

/* All that it does stands still when this returns. */
static inline void storage_daemon_stop(pid_t pid)
{
	int status;

	check_int(kill(pid, SIGSTOP), 0);
	check_int(waitpid(pid, &status, WUNTRACED), pid);
	check(WIFSTOPPED(status));
}

#endif
