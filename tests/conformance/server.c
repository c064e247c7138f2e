/* SPDX-License-Identifier: MIT */
/*
 * The server of a vhost-user disk, one for each case. It is in the case's
 * process group, so that it ends with the case.
 */
#include "tests/conformance/conformance.h"
#include "tests/storage_daemon.h"

static pid_t server;

const char *server_path(const struct target *t)
{
	static char path[PATH_MAX];

	if (!*path) {
		snprintf(path, sizeof(path), "%s/socket", t->dir);
		server = storage_daemon_start(disk_file(t), t->dir);
	}
	return path;
}

void server_stop(void)
{
	storage_daemon_stop(server);
}

void server_continue(void)
{
	check_int(kill(server, SIGCONT), 0);
}

bool server_is_installed(void)
{
	return storage_daemon_installed();
}
