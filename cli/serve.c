/* SPDX-License-Identifier: MIT */
/*
 * sluice serve: export disks, over NBD or vhost-user, until told to stop.
 *
 * Start: take inherited sockets (they are bound to our process id), fork if
 * a daemon is wanted, then loops, disks, exports, log and pid file, sockets,
 * and last the ready line. The first thing that fails ends it, with its text;
 * what was made is undone in reverse order, which is the normal end, too.
 *
 * Stop: SIGTERM, SIGINT or SIGHUP end the main loop; requests in flight are
 * finished, disks flushed, then the sockets' files and the pid file removed:
 * once they are gone, all is durable. A second signal waits for nothing.
 *
 * The protocols are in export/nbd and export/vhost-user-blk, sockets in
 * export/listen.c.
 *
 * Threads: this is the main thread; others only run their loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "block/node.h"
#include "cli/access.h"
#include "cli/cli.h"
#include "cli/daemon.h"
#include "cli/disk.h"
#include "cli/interrupt.h"
#include "cli/pid_file.h"
#include "cli/threads.h"
#include "cli/uri.h"
#include "export/listen.h"
#include "export/nbd/nbd_server.h"
#include "export/vhost-user-blk/vhost_user_blk.h"
#include "loop/loop.h"
#include "util/size.h"

#define MAX_ADDRESSES 16
#define MAX_THREADS 64
#define DEFAULT_ADDRESS "localhost:10809"
#define LISTEN_BACKLOG 1024
#define SHUTDOWN_TIMEOUT_MS 30000

struct serve {
	const struct cli_verb *verb;
	/* as asked for */
	const char *addresses[MAX_ADDRESSES];
	int nr_addresses;
	bool read_only, background;
	unsigned nr_threads, max_clients;
	struct listener_access access; /* of unix sockets that are made */
	const char *vhost_user; /* its socket: PATH or fd:N; NULL: none */
	int vhost_user_fd;	/* N; -1: a path */
	unsigned num_queues;
	const char *serial;
	const char *log_file;
	struct pid_file pid_file; /* its path malloc'ed; NULL: none */
	char **disks;
	int nr_disks;
	/* as made */
	struct daemon daemon;
	struct log log;
	struct loop *loops[MAX_THREADS]; /* the first is the main loop */
	struct loop_thread *threads[MAX_THREADS];
	struct interrupt interrupt;
	struct options **opts; /* of each disk, for their names */
	struct node **nodes;
	struct nbd_server *server;
	struct vub_server *vub; /* NULL: none */
	struct listener vub_listener;
	struct listener inherited;
	struct listener listeners[MAX_ADDRESSES];
	int nr_listeners;
};

static const struct cli_option options[] = {
	{"nbd", 'n', "ADDRESS",
	 "listen on unix:PATH or HOST:PORT; may be repeated\n"
	 "(default: " DEFAULT_ADDRESS ", or the sockets handed in)"},
	{"vhost-user", 0, "PATH",
	 "give the one DISK to a virtual machine, on a unix socket;\n"
	 "fd:N is one handed in; over NBD only what --nbd says"},
	{"num-queues", 0, "N", "queues of that (default: one per thread)"},
	{"serial", 0, "TEXT", "serial number of that, at most 20 bytes"},
	{"socket-mode", 0, "MODE",
	 "permissions of unix sockets (default: by the umask)"},
	{"socket-owner", 0, "OWNER", "give them to USER, USER:GROUP or :GROUP"},
	{"read-only", 'r', NULL, "open disks read-only, refuse writes"},
	{"threads", 't', "N", "share clients among N threads (default 1)"},
	{"max-clients", 0, "N", "close further connections (default 1024)"},
	{"daemon", 'd', NULL, "return once clients are served; go on behind"},
	{"pid-file", 'P', "FILE",
	 "write the process id to FILE, remove it at the end"},
	{"log-file", 0, "FILE", "append messages to FILE instead of stderr"},
	{"verbose", 'v', NULL, "tell every connection and negotiation"},
	{0},
};

/* ---- options ---- */

/* A daemon leaves the directory before it removes the file. */
static void pid_file_apply(struct serve *s, struct cli_args *args)
{
	free(s->pid_file.path);
	s->pid_file.path = path_absolute(args->value);
	if (!s->pid_file.path)
		args->status = cli_usage(args->verb,
					 "--pid-file '%s': what directory this "
					 "is can't be told",
					 args->value);
}

static void access_apply(struct serve *s, struct cli_args *args,
			 const char *opt)
{
	struct err err = ERR_INIT;
	int ret = strcmp(opt, "socket-mode") == 0
			  ? access_parse_mode(args->value, &s->access, &err)
			  : access_parse_owner(args->value, &s->access, &err);

	if (ret < 0)
		args->status =
			cli_usage(args->verb, "--%s: %s", opt, err.text);
}

static void vhost_user_apply(struct serve *s, struct cli_args *args)
{
	uint64_t fd;

	s->vhost_user = args->value;
	s->vhost_user_fd = -1;
	if (strncmp(args->value, "fd:", 3) != 0)
		return;
	if (number_parse(args->value + 3, INT_MAX, &fd) < 0)
		args->status = cli_usage(args->verb,
					 "--vhost-user '%s', fd: and a number "
					 "wanted",
					 args->value);
	else
		s->vhost_user_fd = (int)fd;
}

static void option_apply(struct serve *s, struct cli_args *args,
			 const char *opt)
{
	if (strcmp(opt, "nbd") == 0 && s->nr_addresses == MAX_ADDRESSES)
		args->status =
			cli_usage(args->verb, "--nbd given more than %d times",
				  MAX_ADDRESSES);
	else if (strcmp(opt, "nbd") == 0)
		s->addresses[s->nr_addresses++] = args->value;
	else if (strcmp(opt, "vhost-user") == 0)
		vhost_user_apply(s, args);
	else if (strncmp(opt, "socket-", 7) == 0)
		access_apply(s, args, opt);
	else if (strcmp(opt, "num-queues") == 0)
		cli_option_number(args, opt, 1, VUB_QUEUES_MAX, &s->num_queues);
	else if (strcmp(opt, "serial") == 0)
		s->serial = args->value;
	else if (strcmp(opt, "read-only") == 0)
		s->read_only = true;
	else if (strcmp(opt, "threads") == 0)
		cli_option_number(args, opt, 1, MAX_THREADS, &s->nr_threads);
	else if (strcmp(opt, "max-clients") == 0)
		cli_option_number(args, opt, 1, 1000000, &s->max_clients);
	else if (strcmp(opt, "daemon") == 0)
		s->background = true;
	else if (strcmp(opt, "pid-file") == 0)
		pid_file_apply(s, args);
	else if (strcmp(opt, "log-file") == 0)
		s->log_file = args->value;
	else if (strcmp(opt, "verbose") == 0)
		s->log.level = LOG_DEBUG;
}

/* -1 to go on, else the exit code. */
static int options_check(const struct serve *s)
{
	if (s->vhost_user && s->nr_disks != 1)
		return cli_usage(s->verb,
				 "--vhost-user with %d disks, it "
				 "takes one",
				 s->nr_disks);
	if (!s->vhost_user && (s->num_queues || s->serial))
		return cli_usage(s->verb, "--%s without --vhost-user",
				 s->serial ? "serial" : "num-queues");
	return -1;
}

/* -1 to go on, else the exit code. */
static int options_read(struct serve *s, int argc, char **argv)
{
	struct cli_args args;

	cli_args_init(&args, s->verb, argc, argv);
	for (const char *opt; (opt = cli_option_next(&args));)
		option_apply(s, &args, opt);
	if (args.status >= 0 || !cli_operands(&args, 1, INT_MAX))
		return args.status;
	s->disks = args.argv;
	s->nr_disks = args.argc;
	return options_check(s);
}

/* ---- stopping ---- */

static void files_remove(struct serve *s)
{
	for (int i = 0; i < s->nr_listeners; i++)
		listener_close(&s->listeners[i]);
	s->nr_listeners = 0;
	listener_close(&s->vub_listener);
	pid_file_remove(&s->pid_file);
}

static void signal_taken(struct interrupt *interrupt, int signo, unsigned times)
{
	struct serve *s = container_of(interrupt, struct serve, interrupt);

	if (times == 1) {
		log_write(&s->log, LOG_DEBUG, "%s: stopping, clients: %u",
			  strsignal(signo), nbd_server_nr_clients(s->server));
		loop_stop(s->loops[0]);
		return;
	}
	log_write(&s->log, LOG_ERROR,
		  "second signal: ends without finishing requests");
	files_remove(s);
	_exit(EXIT_FAILURE);
}

/* ---- starting ---- */

/* Clients take descriptors; the soft limit's 1024 is for users of select(). */
static void fd_limit_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	/* no harm when refused: further clients are turned away sooner */
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
}

static int loops_start(struct serve *s, struct err *err)
{
	int ret;

	ret = loop_create(&s->loops[0], err);
	if (ret == 0)
		ret = interrupt_start(&s->interrupt, s->loops[0], signal_taken,
				      err);
	if (ret == 0)
		ret = threads_start(s->loops, s->threads, s->nr_threads, err);
	return ret;
}

/* Would read-only do, where the disk can't be opened? Then say so. */
static void read_only_hint(const struct serve *s, int i, int ret,
			   struct err *err)
{
	const char *path = disk_path(s->opts[i]);
	struct err why = *err;

	if (!s->read_only && (ret == -EACCES || ret == -EROFS) && path &&
	    eaccess(path, R_OK) == 0)
		err_set(err, -ret, "%s (it can be served with --read-only)",
			why.text);
}

static int disk_export(struct serve *s, int i, struct err *err)
{
	struct nbd_export_config config = {
		.read_only = s->read_only,
		.is_default = s->nr_disks == 1,
	};
	int ret;

	ret = disk_options(s->disks[i], s->read_only, &s->opts[i], err);
	if (ret < 0)
		return ret;
	config.name = disk_name(s->opts[i]);
	ret = node_open(s->opts[i], s->loops, (int)s->nr_threads, &s->nodes[i],
			err);
	if (ret < 0) {
		read_only_hint(s, i, ret, err);
		return disk_failed(s->disks[i], ret, err);
	}
	config.node = s->nodes[i];
	return nbd_server_add_export(s->server, &config, err);
}

static int disks_export(struct serve *s, struct err *err)
{
	struct nbd_server_config config = {
		.loops = s->loops,
		.nr_loops = (int)s->nr_threads,
		.log = &s->log,
		.max_clients = s->max_clients,
	};
	int ret;

	s->opts = calloc((size_t)s->nr_disks, sizeof(*s->opts));
	s->nodes = calloc((size_t)s->nr_disks, sizeof(*s->nodes));
	if (!s->opts || !s->nodes)
		return err_set(err, ENOMEM, "no memory for %d disks",
			       s->nr_disks);
	ret = nbd_server_create(&config, &s->server, err);
	for (int i = 0; ret == 0 && i < s->nr_disks; i++)
		ret = disk_export(s, i, err);
	return ret;
}

/* Tell apart what listener_open() would call no address, and be more exact. */
static int address_check(const char *address, struct err *err)
{
	const char *suffix = strstr(address, ".sock");

	if (strcmp(address, "unix:") == 0)
		return err_set(err, EINVAL,
			       "--nbd 'unix:' lacks the path: unix:PATH");
	if (strncmp(address, "unix:", 5) == 0)
		return 0;
	if (strstr(address, "://"))
		return err_set(err, EINVAL,
			       "--nbd '%s' is a URI, wanted unix:PATH or "
			       "HOST:PORT",
			       address);
	if (strchr(address, '/') || (suffix && !suffix[5]))
		return err_set(err, EINVAL,
			       "--nbd '%s' is a path: for a unix socket, say "
			       "unix:%s",
			       address, address);
	return 0;
}

static int address_listen(struct serve *s, const char *address, struct err *err)
{
	struct listener *l = &s->listeners[s->nr_listeners];
	int ret = address_check(address, err);

	if (ret == 0 && strncmp(address, "unix:", 5) == 0)
		ret = listener_open_unix(address + 5, LISTEN_BACKLOG,
					 &s->access, l, err);
	else if (ret == 0)
		ret = listener_open(address, LISTEN_BACKLOG, l, err);
	if (ret == 0)
		s->nr_listeners++;
	return ret;
}

static int sockets_serve(struct serve *s, const struct listener *l,
			 struct err *err)
{
	int ret = 0;

	for (int i = 0; ret == 0 && i < l->nr_fds; i++)
		ret = nbd_server_listen(s->server, l->fds[i], err);
	return ret;
}

static int vhost_user_serve(struct serve *s, struct err *err)
{
	const struct vub_config config = {
		.loops = s->loops,
		.nr_loops = (int)s->nr_threads,
		.log = &s->log,
		.node = s->nodes[0],
		.read_only = s->read_only,
		.num_queues = s->num_queues
				      ? s->num_queues
				      : MIN(s->nr_threads, VUB_QUEUES_MAX),
		.serial = s->serial,
	};
	int ret = vub_server_create(&config, &s->vub, err);

	/* one that was handed in is there already */
	if (ret == 0 && s->vhost_user_fd < 0)
		ret = listener_open_unix(s->vhost_user, LISTEN_BACKLOG,
					 &s->access, &s->vub_listener, err);
	return ret < 0 ? ret
		       : vub_server_listen(s->vub, s->vub_listener.fds[0], err);
}

static int sockets_open(struct serve *s, struct err *err)
{
	int ret = 0;

	if (s->vhost_user)
		ret = vhost_user_serve(s, err);
	if (s->nr_addresses == 0 && s->inherited.nr_fds == 0 && !s->vhost_user)
		s->addresses[s->nr_addresses++] = DEFAULT_ADDRESS;
	for (int i = 0; ret == 0 && i < s->nr_addresses; i++)
		ret = address_listen(s, s->addresses[i], err);
	if (ret == 0)
		ret = sockets_serve(s, &s->inherited, err);
	for (int i = 0; ret == 0 && i < s->nr_listeners; i++)
		ret = sockets_serve(s, &s->listeners[i], err);
	return ret;
}

/*
 * One line of URIs on stdout, for people and scripts that wait for it. Not
 * with inherited sockets only: whoever made them knows, and stdout may be
 * the output of a client that runs us.
 */
static void ready_print(struct serve *s)
{
	const char *space = "";

	for (int i = 0; i < s->nr_listeners; i++) {
		const struct listener *l = &s->listeners[i];

		for (int j = 0; j < s->nr_disks; j++) {
			const char *name =
				s->nr_disks == 1 ? "" : disk_name(s->opts[j]);
			char *uri = l->unix_path
					    ? nbd_unix_uri(l->unix_path, name)
					    : nbd_tcp_uri(l->uri_text, name);

			printf("%s%s", space, uri ? uri : "");
			space = " ";
			free(uri);
		}
	}
	if (s->vub_listener.unix_path)
		printf("%svhost-user:%s", space, s->vub_listener.unix_path);
	if (s->nr_listeners || s->vub_listener.unix_path)
		putchar('\n');
	/* serving is what counts: nobody need read this */
	if (fflush(stdout) != 0)
		clearerr(stdout);
}

static int log_open(const char *path, struct err *err)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC,
		     0644);

	return fd < 0 ? err_sys(err, errno, "opening '%s'", path) : fd;
}

/* Refuse to write messages or the process id over what is served. */
static int not_a_disk(const struct serve *s, const char *option,
		      const char *path, struct err *err)
{
	for (int i = 0; i < s->nr_disks; i++)
		if (disk_same_file(path, disk_path(s->opts[i])))
			return err_set(err, EINVAL,
				       "--%s '%s' is the disk '%s'", option,
				       path, s->disks[i]);
	return 0;
}

/* Log and pid file, which need the disks to be known. */
static int files_open(struct serve *s, int *log_fd, struct err *err)
{
	int ret = not_a_disk(s, "log-file", s->log_file, err);

	if (ret == 0)
		ret = not_a_disk(s, "pid-file", s->pid_file.path, err);
	if (ret == 0 && s->log_file) {
		*log_fd = log_open(s->log_file, err);
		ret = MIN(*log_fd, 0);
	}
	if (ret < 0 || !s->pid_file.path)
		return ret;
	if (disk_same_file(s->pid_file.path, s->log_file))
		return err_set(err, EINVAL,
			       "--pid-file '%s' is the log file, too",
			       s->pid_file.path);
	return pid_file_claim(&s->pid_file, err);
}

static int start(struct serve *s, struct err *err)
{
	int log_fd = -1, ret;

	fd_limit_raise();
	ret = loops_start(s, err);
	if (ret == 0)
		ret = disks_export(s, err);
	if (ret == 0)
		ret = files_open(s, &log_fd, err);
	if (ret == 0)
		ret = sockets_open(s, err);
	if (ret == 0) {
		ready_print(s);
		ret = daemon_ready(&s->daemon, log_fd, err);
	}
	if (log_fd >= 0)
		close(log_fd);
	return ret;
}

/* Flush and close all disks. 0 or the first failed flush's -errno. */
static int disks_close(struct serve *s, struct err *err)
{
	int ret = 0;

	for (int i = 0; s->nodes && i < s->nr_disks; i++) {
		struct err why = ERR_INIT;
		int closed = 0;

		if (s->nodes[i])
			closed = node_close(s->nodes[i], &why);
		if (closed < 0 && ret == 0) {
			ret = disk_failed(s->disks[i], closed, &why);
			*err = why;
		}
	}
	for (int i = 0; s->opts && i < s->nr_disks; i++)
		options_free(s->opts[i]);
	free(s->opts);
	free(s->nodes);
	return ret;
}

/* Undo what start() made. 0 or the first flush's -errno. */
static int stop(struct serve *s, struct err *err)
{
	int ret;

	if (s->vub)
		vub_server_shutdown(s->vub);
	vub_server_free(s->vub);
	if (s->server)
		nbd_server_shutdown(s->server, SHUTDOWN_TIMEOUT_MS);
	nbd_server_free(s->server);
	ret = disks_close(s, err);
	files_remove(s);
	listener_close(&s->inherited);
	threads_stop(s->threads, s->nr_threads);
	if (s->interrupt.fire)
		interrupt_stop(&s->interrupt);
	if (s->loops[0])
		loop_destroy(s->loops[0]);
	return ret;
}

static int serve(struct serve *s, struct err *err)
{
	struct err ignored = ERR_INIT;
	int ret = start(s, err);

	if (ret == 0)
		loop_run(s->loops[0]);
	/* the first failure is the one to tell */
	if (ret < 0)
		stop(s, &ignored);
	else
		ret = stop(s, err);
	return ret;
}

static int sockets_inherit(struct serve *s, struct err *err)
{
	int ret = listener_inherit(&s->inherited, err);

	if (ret == 0 && s->vhost_user_fd >= 0)
		ret = listener_adopt(s->vhost_user_fd, &s->inherited,
				     &s->vub_listener, err);
	return ret;
}

static bool inherited_only(const struct serve *s)
{
	return (s->inherited.nr_fds || s->vhost_user_fd >= 0) &&
	       !s->nr_addresses && !(s->vhost_user && s->vhost_user_fd < 0);
}

static int run(const struct cli_verb *verb, int argc, char **argv)
{
	struct serve s = {
		.verb = verb,
		.nr_threads = 1,
		.pid_file = {.fd = -1},
		.access = ACCESS_INIT,
		.vhost_user_fd = -1,
		.daemon = DAEMON_INIT,
		.log = {.prefix = "sluice serve", .level = LOG_INFO},
	};
	struct err err = ERR_INIT;
	int ret = 0, status;

	status = options_read(&s, argc, argv);
	if (status >= 0)
		goto out;
	status = EXIT_SUCCESS;
	signal(SIGPIPE, SIG_IGN);
	ret = sockets_inherit(&s, &err);
	if (ret == 0 && s.background && inherited_only(&s)) {
		status =
			cli_usage(verb, "--daemon with inherited sockets only: "
					"who made them waits for this process");
		goto out;
	}
	if (ret == 0 && s.background)
		ret = daemon_fork(&s.daemon, &status, &err);
	if (ret == 0)
		ret = serve(&s, &err);
	if (ret < 0)
		status = cli_fail(verb, &err);
out:
	listener_close(&s.inherited);
	listener_close(&s.vub_listener);
	free(s.pid_file.path);
	return status;
}

static const char details[] =
	"One DISK is the default export (the empty name) and answers to its\n"
	"own name, too. Several are exported under name=NAME among their\n"
	"options, or the base name of their file. When clients are served,\n"
	"the NBD URIs are printed on one line, and vhost-user:PATH. SIGTERM\n"
	"and SIGINT finish what is in flight, flush, and end with status 0.\n"
	"There is no encryption and no authentication: use unix sockets or\n"
	"trusted networks.\n";

static const char examples[] =
	"  sluice serve --nbd unix:/run/disk.sock disk.img\n"
	"  sluice serve -d -P /run/sluice.pid --nbd :10809 a.img b.img\n"
	"  sluice serve driver=ram,size=1G,name=scratch\n"
	"  nbdinfo [ sluice serve --read-only disk.img ]\n"
	"  sluice serve --vhost-user /run/vm.sock --threads 2 disk.img\n";

const struct cli_verb verb_serve = {
	.name = "serve",
	.operands = "DISK...",
	.summary = "make disks available to NBD clients and virtual machines",
	.details = details,
	.examples = examples,
	.options = options,
	.run = run,
};
