/* SPDX-License-Identifier: MIT */
/*
 * A vhost-user-blk export inside of the test program, on its main thread, and
 * a script() for its clients on another.
 */
#ifndef TESTS_VHOST_USER_RIG_H
#define TESTS_VHOST_USER_RIG_H

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "block/node.h"
#include "block/options.h"
#include "export/listen.h"
#include "export/vhost-user-blk/vhost_user_blk.h"
#include "loop/loop.h"
#include "tests/check.h"

#define MAX_QUEUES 4

struct rig {
	const char *disk; /* for options_parse() */
	const char *serial;
	int nr_loops;
	unsigned nr_queues;
	bool read_only;
	void (*script)(struct rig *e);
	void (*before)(const struct vub_config *config); /* or NULL */
	/* as made */
	char path[64];
	struct loop *loops[MAX_QUEUES];
	struct node *node; /* of the disk */
};

static inline void *export_script(void *arg)
{
	struct rig *e = arg;

	e->script(e);
	loop_stop(e->loops[0]);
	return NULL;
}

static inline void export_run(struct rig *e)
{
	static const struct log log = {"test", LOG_ERROR};
	struct loop_thread *threads[MAX_QUEUES];
	struct vub_config config = {.log = &log, .serial = e->serial};
	struct vub_server *server;
	struct options *opts;
	struct listener l;
	struct err err = ERR_INIT;
	char address[80];
	pthread_t script;

	signal(SIGPIPE, SIG_IGN);
	check_int(loop_create(&e->loops[0], &err), 0);
	for (int i = 1; i < e->nr_loops; i++) {
		check_int(loop_thread_start("test", &threads[i], &err), 0);
		e->loops[i] = loop_thread_loop(threads[i]);
	}
	check_int(options_parse(e->disk, &opts, &err), 0);
	check_int(node_open(opts, e->loops, e->nr_loops, &config.node, &err),
		  0);
	options_free(opts);
	e->node = config.node;
	config.loops = e->loops;
	config.nr_loops = e->nr_loops;
	config.num_queues = e->nr_queues;
	config.read_only = e->read_only;
	if (e->before)
		e->before(&config);
	check_int(vub_server_create(&config, &server, &err), 0);
	snprintf(e->path, sizeof(e->path), "/tmp/vub-test.%d", getpid());
	snprintf(address, sizeof(address), "unix:%s", e->path);
	check_int(listener_open(address, 8, &l, &err), 0);
	check_int(vub_server_listen(server, l.fds[0], &err), 0);
	check_int(pthread_create(&script, NULL, export_script, e), 0);
	loop_run(e->loops[0]);
	pthread_join(script, NULL);
	vub_server_shutdown(server);
	vub_server_free(server);
	listener_close(&l);
	check_int(node_close(config.node, &err), 0);
	for (int i = 1; i < e->nr_loops; i++)
		loop_thread_stop(threads[i]);
	loop_destroy(e->loops[0]);
}

#endif
