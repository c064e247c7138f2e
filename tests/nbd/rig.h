/* SPDX-License-Identifier: MIT */
/*
 * A server inside of the test program, and a client that sends bytes which
 * are known beforehand: for tests that look at what the server calls.
 */
#ifndef TESTS_NBD_RIG_H
#define TESTS_NBD_RIG_H

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block/node.h"
#include "block/options.h"
#include "export/nbd/nbd_int.h"
#include "tests/check.h"

/* Client flags, then NBD_OPT_GO for the default export; what it brings. */
#define RIG_GO                                                                 \
	"\0\0\0\3"                                                             \
	"IHAVEOPT\0\0\0\7\0\0\0\6\0\0\0\0\0\0"
#define RIG_GO_REPLY (18 + 32 + 20)

struct rig {
	struct loop *loop;
	struct node *node;
	struct nbd_server *server;
};

static inline void rig_open(struct rig *rig, const char *disk)
{
	struct err err = ERR_INIT;
	struct options *opts;

	check_int(loop_create(&rig->loop, &err), 0);
	check_int(options_parse(disk, &opts, &err), 0);
	check_int(node_open(opts, &rig->loop, 1, &rig->node, &err), 0);
	options_free(opts);
}

/* Errors have to have text. */
static inline int rig_start(struct rig *rig)
{
	struct nbd_server_config config = {.loops = &rig->loop, .nr_loops = 1};
	struct nbd_export_config export = {
		.name = "disk",
		.description = "d",
		.node = rig->node,
		.is_default = true,
	};
	struct err err = ERR_INIT;
	int ret = nbd_server_create(&config, &rig->server, &err);

	if (ret == 0) {
		ret = nbd_server_add_export(rig->server, &export, &err);
		if (ret < 0)
			nbd_server_free(rig->server);
	}
	check(ret == 0 || err.text[0]);
	return ret;
}

static inline void rig_stop(struct rig *rig)
{
	nbd_server_shutdown(rig->server, 1000);
	nbd_server_free(rig->server);
}

static inline void rig_close(struct rig *rig)
{
	struct err err = ERR_INIT;

	check_int(node_close(rig->node, &err), 0);
	loop_destroy(rig->loop);
}

static inline bool rig_is_alone(void *server)
{
	return nbd_server_nr_clients(server) == 0;
}

/* Send the bytes as one client and close; returns how many came back. */
static inline size_t rig_talk(struct rig *rig, const void *bytes, size_t len,
			      uint8_t *answer, size_t max)
{
	size_t got = 0;
	ssize_t n;
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	check_int(write(fds[1], bytes, len), len);
	shutdown(fds[1], SHUT_WR);
	nbd_server_adopt(rig->server, fds[0]);
	loop_run_until(rig->loop, rig_is_alone, rig->server);
	while ((n = read(fds[1], answer + got, max - got)) > 0)
		got += n;
	close(fds[1]);
	return got;
}

#endif
