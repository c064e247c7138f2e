/* SPDX-License-Identifier: MIT */
/*
 * Inside of the vhost-user-blk export, shared by the files of this folder:
 *
 *   server.c     accepting, one client at a time, shutdown
 *   client.c     a connection's life, its messages in and out
 *   messages.c   what each message does
 *   channel.c    our own messages to the client
 *   memory.c     the client's memory: mapped, guarded, told to the node
 *   inflight.c   records of what is in flight, for who comes after us
 *   dirty.c      log of the pages that were written to
 *   mapping.c    files that it shares; these four: shared.h
 *   queue.c      a queue on its loop: requests in and out
 *   guard.c      SIGBUS
 *   bell.c       descriptors that could make us wait
 *
 * Threads: the main loop, but for what a queue has on its own; the two meet
 * in struct vub_task.
 */
#ifndef EXPORT_VHOST_USER_BLK_VUB_INT_H
#define EXPORT_VHOST_USER_BLK_VUB_INT_H

#include "export/vhost-user-blk/bell.h"
#include "export/vhost-user-blk/shared.h"
#include "export/vhost-user-blk/vhost_user_blk.h"
#include "export/virtio-blk/handler.h"
#include "loop/co.h"
#include "loop/loop.h"
#include "proto/virtqueue_device.h"

/* Entries of a ring: the most that QEMU can be asked for. */
#define VUB_RING_MAX 1024u

/* Header, status, and data whose buffers may lie in two regions each */
#define VUB_IOV_MAX (2 * (VBLK_SEG_MAX + 2))

/* ---- queue.c ---- */

struct vub_client;
struct vub_queue;

struct vub_job {
	struct vub_queue *queue;
	struct vub_job *next; /* in free */
	struct vq_chain chain;
	struct vblk_request req;
	struct iovec iov[VUB_IOV_MAX];
};

/* Work for a queue's loop that a coroutine of the main loop waits for. */
struct vub_task {
	struct loop_bh bh;
	void (*run)(struct vub_task *task);
	struct vub_queue *queue;
	struct co *co;
	const struct vq_device_config *config; /* to start with */
	struct vub_table *table;	       /* to use from now on */
	struct err *err;
	int ret;
	bool done;
};

struct vub_queue {
	struct vub_server *server;
	struct loop *loop;
	unsigned index;

	/* main loop: what the client has told */
	uint32_t size; /* 0: not yet */
	uint32_t base;
	struct vhost_user_vring_addr addr;
	bool has_addr, enabled;
	int kick_fd, call_fd, err_fd; /* -1: none */
	bool running;

	/* its own loop, while it is running; else the main loop */
	struct vq_device vq;
	uint64_t features; /* negotiated */
	struct vub_memory *memory;
	struct loop_fd io; /* kicks */
	struct loop_defer publish;
	uint16_t *resubmit;   /* for vq, with in-flight records; else NULL */
	struct vub_job *jobs; /* as many as the ring has entries */
	struct vub_job *free; /* of those that were ever used; the others */
	unsigned nr_used;     /* have no memory yet */
	unsigned nr_in_flight;
	bool broken; /* nothing is taken until the client starts it anew */
	struct bell bell;
	struct vub_task *stopping;     /* waits for what is in flight */
	const struct vub_dirty *dirty; /* NULL: writes are not logged */

	int dirty_fd; /* tells that there is something new; or -1 */
};

void vub_queue_init(struct vub_queue *q, struct vub_server *server,
		    struct loop *loop, unsigned index);

/*
 * Serve the ring from base on, if the client has told all that it takes; no-op
 * when it is running. Coroutine of the main loop, as the two below.
 */
int co_vub_queue_start(struct vub_queue *q, struct vub_client *c,
		       struct err *err);

/* Finish what is in flight; sets base. No-op when not running. */
void co_vub_queue_stop(struct vub_queue *q);

/* Look up addresses in the memory's new table. */
void co_vub_queue_memory(struct vub_queue *q, struct vub_table *table);

/* Forget all that the client has told. Not running. */
void vub_queue_reset(struct vub_queue *q);

/* ---- channel.c ---- */

struct vub_channel {
	struct vub_server *server;
	struct loop_fd io; /* fd -1: there is none */
	bool wants_replies;
	bool pending;	  /* a message is to be sent, or half sent */
	bool awaiting;	  /* its reply */
	size_t sent, got; /* bytes of the message, of the reply */
	uint8_t in[VHOST_USER_HEADER_LEN + sizeof(uint64_t)];
};

void vub_channel_init(struct vub_channel *ch, struct vub_server *server);

/* Takes fd, in place of the one before. -EINVAL: not a stream socket; other:
 * from epoll_ctl(2). With an error fd is still the caller's. */
int vub_channel_open(struct vub_channel *ch, int fd, bool wants_replies,
		     struct err *err);
void vub_channel_close(struct vub_channel *ch);

/* Tell the client, soon, if there is a channel. */
void vub_channel_config_changed(struct vub_channel *ch);

/* ---- client.c ---- */

struct vub_client {
	struct vub_server *server;
	struct loop_fd io;
	struct co *co;		     /* receives, and does what it is told */
	bool waiting;		     /* for io */
	bool leaving;		     /* nothing more is taken from it */
	atomic_bool deaf;	     /* it isn't called any more; any thread */
	uint64_t features;	     /* negotiated */
	uint64_t protocol_features;  /* negotiated */
	int fds[VHOST_USER_FDS_MAX]; /* of the message at hand; -1: taken */
	size_t nr_fds;
	int reply_fd; /* to go with the reply; -1: none */
	uint8_t config[VHOST_USER_CONFIG_MAX]; /* what a reply points to */
	struct vub_memory memory;
	struct vub_inflight inflight;
	struct vub_dirty dirty;
	int dirty_fd; /* of SET_LOG_FD; -1: none */
	struct vub_channel channel;
};

/* Serve a connected, non-blocking socket; takes fd, also when it fails. */
int vub_client_start(struct vub_server *server, int fd, struct err *err);

/* It has hung up, whether or not that was noticed yet. */
bool vub_client_hung_up(const struct vub_client *c);

/* ---- messages.c ---- */

/* Do what msg asks; what there is to reply is in *msg then. 0 or -errno. */
int co_vub_message(struct vub_client *c, struct vhost_user_msg *msg,
		   struct err *err);

/* Stop, or start where possible, all queues. */
void co_vub_stop_all(struct vub_client *c);
int co_vub_start_all(struct vub_client *c, struct err *err);

/* ---- server.c ---- */

struct vub_server {
	const struct log *log;
	struct loop *loop; /* main */
	struct vblk_device dev;
	unsigned nr_queues;
	struct vub_queue *queues;
	struct vub_client *client; /* NULL: none */
	struct loop_fd listener;
	struct loop_timer accept_retry;
	struct node_size_watch size_watch;
	struct loop_timer size_check; /* while a client wants to be told */
	bool listening;
	bool stopping;
	uint64_t nr_clients; /* so far; for messages */
};

/* The client has ended, and is freed by the caller. */
void vub_server_client_gone(struct vub_server *server);

/* Look now and then if the disk has grown, and tell the client. */
void vub_server_watch_size(struct vub_server *server);

void vub_log(const struct vub_server *server, enum log_level level,
	     const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
