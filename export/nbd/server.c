/* SPDX-License-Identifier: MIT */
/*
 * NBD server: exports, listening sockets, spreading clients over loops, and
 * shutdown. A new client goes to the loop that has the fewest.
 *
 * Failure modes: no file descriptor or memory for a new client pauses
 * accepting for ACCEPT_RETRY_NS instead of spinning, clients beyond the
 * limit are closed at once; each is told once in the log, until it has
 * passed. Clients that exist are not touched by either.
 *
 * Threads: the main loop. Workers are reached by bottom halves (a client
 * comes, a client has gone) and loop_call().
 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/nbd/nbd_int.h"
#include "util/clock.h"

#define DEFAULT_MAX_CLIENTS 1024
#define DEFAULT_HANDSHAKE_TIMEOUT_MS 10000

#define ACCEPT_RETRY_NS (100 * NS_PER_MS)

/* New clients per socket before other events get a turn. */
#define ACCEPT_TURNS 16

/* A reply's worth: the default of unix sockets holds no 256 KiB. */
#define SEND_BUFFER_BYTES (1 << 20)

struct nbd_listener {
	struct nbd_server *server;
	struct list_node link;
	struct loop_fd io;
};

static struct loop *main_loop(const struct nbd_server *server)
{
	return server->workers[0].loop;
}

static void server_log(const struct nbd_server *server, enum log_level level,
		       const char *text)
{
	if (server->log)
		log_write(server->log, level, "%s", text);
}

/* ---- clients come and go ---- */

static void set_options(int fd)
{
	const int one = 1, bytes = SEND_BUFFER_BYTES;
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	/* all of them only make things better: failures don't matter */
	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return;
	if (addr.ss_family == AF_UNIX) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	} else {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
}

static struct nbd_worker *least_busy(struct nbd_server *server)
{
	struct nbd_worker *best = &server->workers[0];

	for (int i = 1; i < server->nr_workers; i++) {
		if (server->workers[i].nr_clients < best->nr_clients)
			best = &server->workers[i];
	}
	return best;
}

void nbd_server_adopt(struct nbd_server *server, int fd)
{
	struct nbd_client *c = calloc(1, sizeof(*c));

	if (!c) {
		server_log(server, LOG_ERROR, "new client: out of memory");
		close(fd);
		return;
	}
	set_options(fd);
	c->server = server;
	c->worker = least_busy(server);
	c->id = ++server->last_client_id;
	c->io.fd = fd;
	c->worker->nr_clients++;
	server->nr_clients++;
	loop_bh_init(&c->bh, c->worker->loop, nbd_client_start);
	loop_bh_schedule(&c->bh);
}

void nbd_client_gone(struct loop_bh *bh)
{
	struct nbd_client *c = container_of(bh, struct nbd_client, bh);

	c->worker->nr_clients--;
	c->server->nr_clients--;
	c->server->full = false;
	free(c);
}

/* ---- accepting ---- */

static void watch_listeners(struct nbd_server *server, bool on)
{
	list_for_each(node, &server->listeners) {
		loop_fd_set_events(
			&list_entry(node, struct nbd_listener, link)->io,
			on ? LOOP_READ : 0);
	}
}

static void retry_accept(struct loop_timer *timer)
{
	watch_listeners(container_of(timer, struct nbd_server, accept_retry),
			true);
}

static void pause_accepting(struct nbd_server *server, int errnum)
{
	if (!server->accept_failing && server->log)
		log_write(server->log, LOG_ERROR,
			  "can't accept clients for now: %s",
			  strerrordesc_np(errnum));
	server->accept_failing = true;
	if (loop_timer_arm(main_loop(server), &server->accept_retry,
			   clock_now_ns() + ACCEPT_RETRY_NS) == 0)
		watch_listeners(server, false);
}

static void accepted(struct nbd_server *server, int fd)
{
	server->accept_failing = false;
	if (server->nr_clients < server->max_clients) {
		nbd_server_adopt(server, fd);
		return;
	}
	close(fd);
	if (!server->full)
		server_log(server, LOG_ERROR,
			   "client refused: there are as many as allowed");
	server->full = true;
}

static void on_connection(struct loop_fd *io)
{
	struct nbd_server *server =
		container_of(io, struct nbd_listener, io)->server;

	for (int i = 0; i < ACCEPT_TURNS; i++) {
		int fd = accept4(io->fd, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			accepted(server, fd);
		} else if (errno == EMFILE || errno == ENFILE ||
			   errno == ENOBUFS || errno == ENOMEM) {
			pause_accepting(server, errno);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
		/* else: what accept(2) tells of a client that left already */
	}
}

static const struct loop_fd_ops listener_ops = {.on_read = on_connection};

int nbd_server_listen(struct nbd_server *server, int fd, struct err *err)
{
	struct nbd_listener *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return err_sys(err, ENOMEM, "listen");
	l->server = server;
	l->io.fd = fd;
	l->io.ops = &listener_ops;
	ret = loop_fd_add(main_loop(server), &l->io, LOOP_READ, err);
	if (ret < 0) {
		free(l);
		return ret;
	}
	list_push_back(&server->listeners, &l->link);
	return 0;
}

static void stop_listening(struct nbd_server *server)
{
	struct list_node *node;

	while ((node = list_pop_front(&server->listeners))) {
		struct nbd_listener *l =
			list_entry(node, struct nbd_listener, link);

		loop_fd_remove(&l->io);
		free(l);
	}
	loop_timer_cancel(main_loop(server), &server->accept_retry);
}

/* ---- exports ---- */

static uint16_t transmission_flags(bool read_only)
{
	/* a flush of the node covers all its loops, hence all connections */
	uint16_t flags = NBD_FLAG_HAS_FLAGS | NBD_FLAG_SEND_FLUSH |
			 NBD_FLAG_SEND_FUA | NBD_FLAG_CAN_MULTI_CONN |
			 NBD_FLAG_SEND_CACHE;

	if (read_only)
		return flags | NBD_FLAG_READ_ONLY;
	return flags | NBD_FLAG_SEND_TRIM | NBD_FLAG_SEND_WRITE_ZEROES |
	       NBD_FLAG_SEND_FAST_ZERO;
}

struct nbd_export *nbd_export_find(struct nbd_server *server,
				   const struct nbd_string *name)
{
	struct nbd_export *def = NULL;

	list_for_each(node, &server->exports) {
		struct nbd_export *export =
			list_entry(node, struct nbd_export, link);

		if (strlen(export->name) == name->len &&
		    memcmp(export->name, name->text, name->len) == 0)
			return export;
		if (export->is_default)
			def = export;
	}
	return name->len == 0 ? def : NULL;
}

static int check_export(struct nbd_server *server,
			const struct nbd_export_config *config, struct err *err)
{
	const char *text = config->description ? config->description : "";
	const struct nbd_string name = {.text = config->name,
					.len = strlen(config->name)};

	if (name.len > NBD_STRING_MAX || strlen(text) > NBD_STRING_MAX)
		return err_set(err, EINVAL,
			       "export \"%.40s\": name or description longer "
			       "than %u bytes",
			       config->name, NBD_STRING_MAX);
	if (nbd_export_find(server, &name))
		return err_set(err, EEXIST,
			       "export \"%.40s\": another one has this name",
			       config->name);
	if (config->is_default &&
	    nbd_export_find(server, &(struct nbd_string){.len = 0}))
		return err_set(err, EEXIST,
			       "export \"%.40s\": another one is the default",
			       config->name);
	return 0;
}

static void free_export(struct nbd_export *export)
{
	free(export->buffers);
	free(export->description);
	free(export->name);
	free(export);
}

int nbd_server_add_export(struct nbd_server *server,
			  const struct nbd_export_config *config,
			  struct err *err)
{
	struct nbd_export *e;
	int ret = check_export(server, config, err);

	if (ret < 0)
		return ret;
	e = calloc(1, sizeof(*e));
	if (!e)
		return err_sys(err, ENOMEM, "add export");
	e->name = strdup(config->name);
	e->description = strdup(config->description ? config->description : "");
	e->buffers = calloc(server->nr_workers, sizeof(*e->buffers));
	if (!e->name || !e->description || !e->buffers) {
		free_export(e);
		return err_sys(err, ENOMEM, "add export");
	}
	e->node = config->node;
	e->is_default = config->is_default;
	e->flags = transmission_flags(config->read_only ||
				      node_read_only(e->node));
	for (int i = 0; i < server->nr_workers; i++)
		buffers_init(&e->buffers[i], e->node, server->workers[i].loop);
	list_push_back(&server->exports, &e->link);
	return 0;
}

/* ---- life ---- */

static void shutdown_timeout(struct loop_timer *timer)
{
	container_of(timer, struct nbd_server, shutdown_timer)->shutdown_late =
		true;
}

int nbd_server_create(const struct nbd_server_config *config,
		      struct nbd_server **server, struct err *err)
{
	struct nbd_server *s = calloc(1, sizeof(*s));
	unsigned timeout_ms = config->handshake_timeout_ms;

	if (!s)
		return err_sys(err, ENOMEM, "NBD server");
	s->workers = calloc(config->nr_loops, sizeof(*s->workers));
	if (!s->workers) {
		free(s);
		return err_sys(err, ENOMEM, "NBD server");
	}
	s->log = config->log;
	s->max_clients =
		config->max_clients ? config->max_clients : DEFAULT_MAX_CLIENTS;
	if (!timeout_ms)
		timeout_ms = DEFAULT_HANDSHAKE_TIMEOUT_MS;
	s->handshake_timeout_ns = timeout_ms * NS_PER_MS;
	s->nr_workers = config->nr_loops;
	for (int i = 0; i < s->nr_workers; i++) {
		struct nbd_worker *w = &s->workers[i];

		w->server = s;
		w->loop = config->loops[i];
		w->index = i;
		list_init(&w->clients);
	}
	list_init(&s->exports);
	list_init(&s->listeners);
	loop_timer_init(&s->accept_retry, retry_accept);
	loop_timer_init(&s->shutdown_timer, shutdown_timeout);
	*server = s;
	return 0;
}

unsigned nbd_server_nr_clients(const struct nbd_server *server)
{
	return server->nr_clients;
}

static void call_workers(struct nbd_server *server, void (*fn)(void *worker))
{
	for (int i = 0; i < server->nr_workers; i++)
		loop_call(server->workers[i].loop, fn, &server->workers[i]);
}

static void stop_worker(void *arg)
{
	struct nbd_worker *w = arg;

	w->stopping = true;
	list_for_each(node, &w->clients) {
		nbd_client_stop(list_entry(node, struct nbd_client, link));
	}
}

/* What the clients left in the pools. */
static void free_buffers(void *arg)
{
	struct nbd_worker *w = arg;

	list_for_each(node, &w->server->exports) {
		buffers_destroy(&list_entry(node, struct nbd_export, link)
					 ->buffers[w->index]);
	}
}

static void cut_clients(void *arg)
{
	struct nbd_worker *w = arg;

	list_for_each(node, &w->clients) {
		nbd_client_kill(list_entry(node, struct nbd_client, link));
	}
}

static bool clients_gone_or_late(void *opaque)
{
	const struct nbd_server *server = opaque;

	return server->nr_clients == 0 || server->shutdown_late;
}

static bool clients_gone(void *opaque)
{
	return ((const struct nbd_server *)opaque)->nr_clients == 0;
}

void nbd_server_shutdown(struct nbd_server *server, unsigned timeout_ms)
{
	stop_listening(server);
	call_workers(server, stop_worker);
	if (loop_timer_arm(main_loop(server), &server->shutdown_timer,
			   clock_now_ns() + timeout_ms * NS_PER_MS) < 0)
		server->shutdown_late = true;
	loop_run_until(main_loop(server), clients_gone_or_late, server);
	loop_timer_cancel(main_loop(server), &server->shutdown_timer);
	if (server->nr_clients > 0) {
		call_workers(server, cut_clients);
		/* requests can't be taken back from the device */
		loop_run_until(main_loop(server), clients_gone, server);
	}
	call_workers(server, free_buffers);
}

void nbd_server_free(struct nbd_server *server)
{
	struct list_node *node;

	if (!server)
		return;
	assert(server->nr_clients == 0 && list_empty(&server->listeners));
	while ((node = list_pop_front(&server->exports)))
		free_export(list_entry(node, struct nbd_export, link));
	free(server->workers);
	free(server);
}
