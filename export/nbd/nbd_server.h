/* SPDX-License-Identifier: MIT */
/*
 * NBD server: fixed newstyle negotiation and the transmission phase for any
 * number of exports and clients (NBD protocol, doc/proto.md).
 *
 * A connection lives on one loop from accept to close; new ones are spread
 * over the server's loops. Each request is a coroutine; replies leave in
 * completion order, those of one loop iteration in one system call.
 *
 * Threads: all functions on the main loop, outside coroutines. The nodes
 * must have been opened for the same loops.
 */
#ifndef EXPORT_NBD_NBD_SERVER_H
#define EXPORT_NBD_NBD_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/log.h"

struct loop;
struct node;
struct nbd_server;

struct nbd_export_config {
	const char *name;	 /* copied; at most 4096 bytes */
	const char *description; /* copied; "" or NULL: none */
	struct node *node;	 /* stays the caller's; closed after free */
	bool read_only;		 /* refuse writes even if the node takes them */
	bool is_default;	 /* answers to the empty name as well */
};

struct nbd_server_config {
	struct loop *const *loops; /* the first is the caller's own */
	int nr_loops;
	const struct log *log;
	unsigned max_clients;	      /* further ones are closed; 0: 1024 */
	/* for the whole handshake, and at the end of a connection for taking
	 * some more of its replies; 0: 10000 */
	unsigned handshake_timeout_ms;
};

/* 0, or -ENOMEM. */
int nbd_server_create(const struct nbd_server_config *config,
		      struct nbd_server **server, struct err *err);

/*
 * Add an export, before nbd_server_listen().
 *   -EEXIST   the name, or a default, is there already
 *   -EINVAL   name too long
 */
int nbd_server_add_export(struct nbd_server *server,
			  const struct nbd_export_config *config,
			  struct err *err);

/* Accept clients on a listening, non-blocking socket; it stays the
 * caller's and may be closed after nbd_server_shutdown(). */
int nbd_server_listen(struct nbd_server *server, int fd, struct err *err);

/* Clients now connected. */
unsigned nbd_server_nr_clients(const struct nbd_server *server);

/*
 * Stop accepting, let requests in flight finish and their replies leave (at
 * most timeout_ms, then connections are cut), close all connections. Runs
 * the loop meanwhile. The server can only be freed afterwards.
 */
void nbd_server_shutdown(struct nbd_server *server, unsigned timeout_ms);

/* After nbd_server_shutdown(). */
void nbd_server_free(struct nbd_server *server);

#endif
