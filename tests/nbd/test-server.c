/* SPDX-License-Identifier: MIT */
/*
 * A server for the tests of this folder: exports on an address, with the
 * limits that a test wants small. Prints "ready ADDRESS" when clients can
 * come, and "clients N" at the end of SIGTERM's shutdown; leaves with 0.
 *
 *   test-server [OPTION VALUE]... ADDRESS
 *   --export NAME=DISK    --read-only NAME=DISK    (the first is the default)
 *   --threads N  --max-clients N  --handshake-ms N  --shutdown-ms N
 */
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "block/node.h"
#include "block/options.h"
#include "export/listen.h"
#include "export/nbd/nbd_server.h"
#include "loop/loop.h"
#include "tests/check.h"

#define MAX_EXPORTS 16
#define MAX_THREADS 8

static struct loop *loops[MAX_THREADS];
static struct loop_thread *threads[MAX_THREADS];
static struct node *nodes[MAX_EXPORTS];
static int nr_exports;
static struct err err;

static void must(int ret)
{
	if (ret == 0)
		return;
	fprintf(stderr, "test-server: %s (%d)\n", err.text, ret);
	exit(2);
}

static void on_sigterm(struct loop_fd *fd)
{
	loop_fd_set_events(fd, 0);
	loop_stop(loops[0]);
}

/* As an event: ThreadSanitizer delays handlers until some call of its. */
static void watch_sigterm(struct loop_fd *fd, const sigset_t *set)
{
	static const struct loop_fd_ops ops = {.on_read = on_sigterm};

	fd->fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	fd->ops = &ops;
	check(fd->fd >= 0);
	must(loop_fd_add(loops[0], fd, LOOP_READ, &err));
}

static void add_export(struct nbd_server *server, char *arg, bool read_only,
		       int nr_loops)
{
	struct nbd_export_config config = {.name = arg, .read_only = read_only};
	char *disk = strchr(arg, '=');
	struct options *opts;

	check(disk && nr_exports < MAX_EXPORTS);
	*disk++ = '\0';
	must(options_parse(disk, &opts, &err));
	must(node_open(opts, loops, nr_loops, &nodes[nr_exports], &err));
	options_free(opts);
	config.node = nodes[nr_exports];
	config.is_default = nr_exports++ == 0;
	config.description = "made for tests";
	must(nbd_server_add_export(server, &config, &err));
}

static void start_threads(int nr_loops)
{
	must(loop_create(&loops[0], &err));
	for (int i = 1; i < nr_loops; i++) {
		must(loop_thread_start("test", &threads[i], &err));
		loops[i] = loop_thread_loop(threads[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct log log = {.prefix = "test-server",
				       .level = LOG_DEBUG};
	struct nbd_server_config config = {.loops = loops,
					   .nr_loops = 1,
					   .log = &log};
	unsigned shutdown_ms = 5000;
	struct nbd_server *server;
	struct loop_fd signal_fd = {0};
	struct listener l;
	sigset_t set;

	/* before there are threads */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	check(argc % 2 == 0);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--threads") == 0)
			config.nr_loops = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--max-clients") == 0)
			config.max_clients = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--handshake-ms") == 0)
			config.handshake_timeout_ms = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--shutdown-ms") == 0)
			shutdown_ms = atoi(argv[i + 1]);
	}
	start_threads(config.nr_loops);
	must(nbd_server_create(&config, &server, &err));
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--export") == 0 ||
		    strcmp(argv[i], "--read-only") == 0)
			add_export(server, argv[i + 1], argv[i][2] == 'r',
				   config.nr_loops);
	}
	must(listener_open(argv[argc - 1], 1024, &l, &err));
	for (int i = 0; i < l.nr_fds; i++)
		must(nbd_server_listen(server, l.fds[i], &err));
	watch_sigterm(&signal_fd, &set);
	printf("ready %s\n", l.uri_text);
	fflush(stdout);
	loop_run(loops[0]);

	loop_fd_remove(&signal_fd);
	close(signal_fd.fd);
	nbd_server_shutdown(server, shutdown_ms);
	printf("clients %u\n", nbd_server_nr_clients(server));
	nbd_server_free(server);
	listener_close(&l);
	while (nr_exports > 0)
		must(node_close(nodes[--nr_exports], &err));
	for (int i = config.nr_loops - 1; i > 0; i--)
		loop_thread_stop(threads[i]);
	loop_destroy(loops[0]);
	return 0;
}
