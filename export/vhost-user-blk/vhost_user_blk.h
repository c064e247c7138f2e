/* SPDX-License-Identifier: MIT */
/*
 * vhost-user-blk: a node as the disk of a virtual machine, or of any other
 * vhost-user front-end, through memory that it shares with us.
 *
 * One client at a time: while there is one, others are closed at once. Its
 * queues are spread over the loops; each serves its rings in turn with all
 * else on that loop.
 *
 * Threads: all functions on the main loop, outside coroutines. The node must
 * have been opened for the same loops.
 */
#ifndef EXPORT_VHOST_USER_BLK_VHOST_USER_BLK_H
#define EXPORT_VHOST_USER_BLK_VHOST_USER_BLK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/log.h"

struct loop;
struct node;
struct vub_server;

#define VUB_QUEUES_MAX 64u

struct vub_config {
	struct loop *const *loops; /* the first is the caller's own */
	int nr_loops;
	const struct log *log; /* or NULL */
	struct node *node;     /* stays the caller's; closed after free */
	bool read_only;	       /* refuse writes even if the node takes them */
	unsigned num_queues;   /* 1 to VUB_QUEUES_MAX */
	const char *serial;    /* at most 20 bytes, copied; NULL: "" */
};

/*
 * Catches SIGBUS from now on, see guard.h.
 *   -EINVAL   num_queues, or the serial is too long
 *   -ENOMEM
 */
int vub_server_create(const struct vub_config *config,
		      struct vub_server **server, struct err *err);

/* Accept clients on a listening, non-blocking unix socket; it stays the
 * caller's and may be closed after vub_server_shutdown(). -EINVAL: another
 * sort, on which no descriptors can come. */
int vub_server_listen(struct vub_server *server, int fd, struct err *err);

/*
 * Stop accepting, take nothing more off the rings, let requests in flight
 * finish, close the connection. Runs the loop meanwhile.
 */
void vub_server_shutdown(struct vub_server *server);

/* After vub_server_shutdown(). NULL is allowed. */
void vub_server_free(struct vub_server *server);

#endif
