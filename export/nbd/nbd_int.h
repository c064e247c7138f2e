/* SPDX-License-Identifier: MIT */
/*
 * Inside of the NBD server, shared by the files of this folder. One file per
 * phase of a connection:
 *
 *   server.c     exports, accepting, spreading over loops, shutdown
 *   client.c     a connection's life, its input, its waiting
 *   handshake.c  from the greeting to the transmission phase
 *   requests.c   transmission in: receive, check, admit, start
 *   commands.c   one coroutine per request: the I/O itself
 *   status.c     block status
 *   replies.c    transmission out: queue, gather, send
 *   buffers.c    the pool that payloads lie in
 *
 * Threads: what belongs to a worker (its clients and all of theirs) is used
 * on the worker's loop only. A client is allocated and freed on the server's
 * own loop, and handed over by its bottom half. Exports don't change once
 * clients can come.
 */
#ifndef EXPORT_NBD_NBD_INT_H
#define EXPORT_NBD_NBD_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block/node.h"
#include "export/nbd/buffers.h"
#include "export/nbd/nbd_server.h"
#include "loop/co.h"
#include "loop/loop.h"
#include "proto/nbd.h"
#include "util/list.h"

/* Receive buffer: several small writes, with their payload, in one call. */
#define NBD_INPUT_BYTES (64u << 10)

/* The ID of base:allocation. */
#define NBD_CONTEXT_ALLOCATION 1

struct nbd_export {
	struct list_node link; /* in server->exports */
	char *name;
	char *description; /* "" when there is none */
	struct node *node; /* the user's */
	bool is_default;
	uint16_t flags; /* NBD_FLAG_*, as for simple replies */
	struct buffers *buffers; /* one per worker */
};

/* What the server has on one of its loops. */
struct nbd_worker {
	struct nbd_server *server;
	struct loop *loop;
	int index;
	unsigned nr_clients; /* main loop: counted to spread new ones */
	/* on its own loop: */
	struct list clients;   /* by nbd_client.link */
	unsigned nr_jobs;	/* not free, of all clients */
	uint64_t payload_bytes; /* of all jobs */
	bool stopping; /* no new requests, leave when idle */
	int64_t failure_told_ns; /* when a device's was last logged */
	unsigned failures_untold; /* since then */
};

struct nbd_server {
	const struct log *log;
	unsigned max_clients;
	int64_t handshake_timeout_ns;
	struct list exports; /* by nbd_export.link, in order of adding */
	struct nbd_worker *workers;
	int nr_workers;
	/* main loop: */
	struct list listeners; /* struct nbd_listener, server.c */
	unsigned nr_clients;
	uint64_t last_client_id;
	bool accept_failing; /* told so in the log */
	bool full;	     /* told so in the log */
	struct loop_timer accept_retry;
	struct loop_timer shutdown_timer;
	bool shutdown_late;
};

/* What a client's coroutine is waiting for. */
enum nbd_wait {
	NBD_WAIT_NONE,	 /* it runs, or will be entered */
	NBD_WAIT_INPUT,	 /* to receive */
	NBD_WAIT_OUTPUT, /* to send, in the handshake */
	NBD_WAIT_ROOM,	 /* for a job or bytes to be free */
	NBD_WAIT_JOBS,	 /* for its last job to end */
};

struct nbd_client;

/* One request, from its header to the end of its reply. */
struct nbd_job {
	struct nbd_client *client;
	struct nbd_job *next; /* in free_jobs or replies */
	struct nbd_request req;
	uint8_t *buf;	   /* from the export's buffers, or NULL */
	uint32_t buf_bytes; /* size asked for; counted as payload */
	uint8_t head[NBD_REPLY_LEN_MAX]; /* encoded reply ... */
	uint32_t head_len;
	uint32_t data_len; /* ... and what follows it */
	const void *data;  /* inside buf, or static text */
};

struct nbd_client {
	struct nbd_server *server;
	struct nbd_worker *worker;
	struct nbd_export *export; /* NULL until chosen */
	struct list_node link;
	uint64_t id;	    /* for messages */
	struct loop_bh bh;  /* to its loop, and back when it is gone */
	struct loop_timer timer; /* handshake, or taking the last replies */
	struct loop_fd io;
	struct co *co; /* reads all that the client sends */
	enum nbd_wait wait;
	bool dead; /* can't be talked to any more */
	bool leaving; /* said so: its requests are done, heard or not */
	bool in_handshake;

	/* input: bytes [start, end) of buffer are not yet used */
	uint8_t *input;
	uint32_t input_start, input_end;
	bool input_empty;     /* the socket is: wait before receiving */
	unsigned input_turns; /* receive calls left in this iteration */

	/* negotiated */
	bool no_zeroes;
	bool structured;
	struct nbd_export *meta_export; /* base:allocation chosen for it */
	uint64_t size_bytes;		/* as told to the client */
	uint16_t flags;			/* as told to the client */

	/* transmission */
	struct nbd_job *jobs; /* an array, requests.c */
	struct nbd_job *free_jobs;
	unsigned nr_jobs;	/* not free */
	uint64_t payload_bytes; /* of these */

	/* output */
	struct nbd_job *replies, **replies_end; /* to be sent, in order */
	size_t reply_bytes; /* queued and not sent */
	size_t sent_bytes;  /* of the first of replies */
	bool send_blocked;  /* the socket is full: wait for room in it */
	bool progress;	    /* something was sent since the timer fired */
	struct loop_defer send; /* at the end of the iteration */
};

/* ---- server.c ---- */

/* Serve a connected, non-blocking socket; takes fd, also when it fails. */
void nbd_server_adopt(struct nbd_server *server, int fd);

/* By name; "" is the default export. NULL: none. */
struct nbd_export *nbd_export_find(struct nbd_server *server,
				   const struct nbd_string *name);

/* Main loop: the client has left its worker and is to be freed. */
void nbd_client_gone(struct loop_bh *bh);

/* ---- client.c ---- */

/* On the worker's loop: start serving. Bottom half of the client. */
void nbd_client_start(struct loop_bh *bh);

/* The worker is stopping: end when nothing is in flight. */
void nbd_client_stop(struct nbd_client *c);

/* The connection is of no use any more: send and receive nothing. */
void nbd_client_kill(struct nbd_client *c);

/* Whether somebody waits for long work: kills who hung up without a word. */
bool nbd_client_is_there(struct nbd_client *c);

/* Wake the client's coroutine if it waits for that. */
void nbd_client_wake(struct nbd_client *c, enum nbd_wait wait);

/* Wait; watches for input or output as that needs. */
void nbd_co_wait(struct nbd_client *c, enum nbd_wait wait);

/* Watch the socket for what is being waited for now. */
void nbd_client_watch(struct nbd_client *c);

/*
 * Have len bytes (at most NBD_INPUT_BYTES) in a row at *data, and use them
 * up; they stay until the next call. false: the client is gone, or nothing
 * more is wanted from it.
 */
bool nbd_co_take(struct nbd_client *c, uint32_t len, const uint8_t **data);

/* Receive len bytes into buf; what comes behind goes to the input buffer. */
bool nbd_co_take_into(struct nbd_client *c, uint8_t *buf, size_t len);

/* Receive len bytes for nothing. */
bool nbd_co_skip(struct nbd_client *c, uint64_t len);

/* Log a client's step or fault, at debug level. */
void nbd_client_log(const struct nbd_client *c, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/* ---- handshake.c ---- */

/* true: go on to the transmission phase. */
bool nbd_co_handshake(struct nbd_client *c);

/* ---- requests.c ---- */

/* Until the client disconnects, or faults. */
void nbd_co_transmit(struct nbd_client *c);

/* Give back the job's buffer, or both: the reply has left, or never will. */
void nbd_job_free_buffer(struct nbd_job *job);
void nbd_job_free(struct nbd_job *job);

/* ---- commands.c ---- */

/* What is wrong with a request; the text is for the client's user. */
struct nbd_fault {
	enum nbd_error error;
	const char *text; /* static */
};

/* NULL if the request may be done, else what is wrong with it. */
const struct nbd_fault *nbd_check(const struct nbd_client *c,
				  const struct nbd_request *req);

/* Bytes of buffer that the request will need. */
uint32_t nbd_buffer_bytes(const struct nbd_request *req);

/* Do the request and reply. A coroutine's function; arg is the job. */
void nbd_co_job(void *arg);

/* ---- status.c ---- */

int nbd_co_block_status(struct nbd_job *job);

/* ---- replies.c ---- */

/* Reply to the job, which is gone with it. 0 or -errno. */
void nbd_reply(struct nbd_job *job, int ret);
void nbd_reply_fault(struct nbd_job *job, const struct nbd_fault *fault);

/* Send what is queued, as far as the socket takes it; forget it. */
void nbd_send_replies(struct nbd_client *c);
void nbd_drop_replies(struct nbd_client *c);

#endif
