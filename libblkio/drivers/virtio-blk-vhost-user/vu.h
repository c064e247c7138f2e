/* SPDX-License-Identifier: MIT */
/*
 * The driver virtio-blk-vhost-user: a block device in another process, which
 * shares our memory and is told about it through a unix socket. It is the
 * transport below drivers/virtio-blk/.
 *
 * One thread of each connected instance, the watcher, notices when the server
 * hangs up, and looks for the next one. It alone replaces the link; what takes
 * time, that is to connect and to negotiate, it does on a link of its own. All
 * else is under the instance's lock.
 */
#ifndef LIBBLKIO_DRIVERS_VU_H
#define LIBBLKIO_DRIVERS_VU_H

#include "libblkio/drivers/virtio-blk-vhost-user/channel.h"
#include "libblkio/drivers/virtio-blk/vblk.h"

/* Memory that the server knows; its address there is the one it has here. */
struct vu_region {
	struct vhost_user_region r;
	int fd; /* a duplicate, for telling again */
};

/* A connection, and what was agreed upon */
struct vu_link {
	struct vu_channel ch;	/* fd -1: not connected */
	struct vu_channel back; /* where the server asks; fd -1: it doesn't */
	int err_fd; /* eventfd: the server says that a ring is broken */
	uint64_t protocol_features;
	uint64_t features;   /* virtio's and vhost-user's */
	uint64_t queues;     /* most that the server has */
	uint64_t slots;	     /* most regions that it takes */
	int timeout_ms;	     /* of any one call */
	int64_t deadline_ns; /* of all calls; INT64_MAX: none */
};

struct vu_dev {
	struct vblk_dev vblk;
	struct vu_link link;
	int timeout_ms; /* property connect-timeout-ms; of any one call, too */
	int socket_fd;	/* property; -1: unset. link's, once connected */
	int reconnect_ms;	/* property, atomic; 0: no reconnecting */
	int reconnect_limit_ms; /* property, atomic; 0: none */
	struct vu_region *regions;
	unsigned nr_regions; /* the rings' among them */
	unsigned max_regions;
	/* inflight.c */
	int inflight_fd; /* the servers' records; -1: none */
	struct vhost_user_inflight inflight; /* what goes with it */
	unsigned incarnation; /* changes when a device knows no old rings */
	/* watch.c */
	pthread_t watcher; /* while stop_fd is not -1 */
	int stop_fd;	   /* eventfd: end; also, calls of the watcher do */
	int wake_fd;	   /* eventfd: look around */
	bool closing;	   /* only losses matter; set while there is none */
	bool polling;	   /* atomic: the capacity's changes are wanted */
	/* reconnect.c, the watcher's */
	int64_t outage_ns;  /* when the current outage began, or the last */
	int64_t up_ns;	    /* when there last was a new link */
	int64_t attempt_ns; /* when that was last tried */
	uint64_t progress;  /* completions, when the outage began */
};

static inline struct vu_dev *to_vu(struct vblk_dev *d)
{
	return (struct vu_dev *)d;
}

/* ---- link.c: any thread that the link belongs to ---- */

/*
 * Say hello on a channel just opened, and negotiate: of the wanted features,
 * which are all needed if exact, those offered. -EIO: the server says what
 * can't be, or is gone; -ETIMEDOUT, -ECANCELED.
 */
int vu_link_negotiate(struct vu_link *l, uint64_t wanted, bool exact,
		      struct err *err);
int vu_link_read_config(struct vu_link *l, uint8_t *buf, size_t len,
			struct err *err);
void vu_link_init(struct vu_link *l, int timeout_ms);
void vu_link_close(struct vu_link *l);

/*
 * Ask; a server that is gone or says what can't be is told as -EIO, with
 * text. reply, reply_fd may be NULL.
 */
int vu_link_call(struct vu_link *l, const struct vhost_user_msg *msg,
		 const int *fds, size_t nr_fds, struct vhost_user_msg *reply,
		 int *reply_fd, struct err *err);

static inline bool vu_link_has(const struct vu_link *l, uint64_t feature)
{
	return l->protocol_features & feature;
}

/* ---- session.c ---- */

/* On a channel just opened; as vu_link_negotiate(). */
int vu_negotiate(struct vu_dev *d, struct err *err);

/* There is no link, or it failed just now, but there is to be another one. */
bool vu_is_interrupted(const struct vu_dev *d);

/* The transport's slots */
int vu_read_config(struct vblk_dev *d, uint8_t *buf, size_t len,
		   struct err *err);
int vu_try_queue_size(struct vblk_dev *d, int size, struct err *err);
int vu_start_queue(struct vblk_queue *q, struct err *err);
void vu_stop_queue(struct vblk_queue *q);

/* ---- memory.c ---- */

int vu_map_region(struct blkio *b, const struct mapped_region *m,
		  struct err *err);
void vu_unmap_region(struct blkio *b, const struct mapped_region *m);
int vu_map_rings(struct vblk_dev *d, struct err *err);
void vu_unmap_rings(struct vblk_dev *d);
int vu_tell_regions(struct vu_dev *d, struct err *err);
void vu_forget_regions(struct vu_dev *d);

/* ---- inflight.c ---- */

/*
 * With a new link, or new rings: arrange for records of what is in flight, by
 * which the next server goes on; those there are, if it can.
 */
void vu_tell_inflight(struct vu_dev *d);
void vu_forget_inflight(struct vu_dev *d);

/* ---- watch.c ---- */

int vu_watch(struct vu_dev *d, struct err *err);
void vu_unwatch(struct vu_dev *d);
void vu_wake_watcher(struct vblk_dev *d);

/* The watcher's: until then, -ETIMEDOUT; earlier: -ECANCELED. */
int vu_sleep_until(const struct vu_dev *d, int64_t deadline_ns);

/* ---- reconnect.c: the watcher's ---- */

/*
 * The server has hung up, or is to be cut off. 0: there is a link again;
 * -ECANCELED, -ETIMEDOUT: there won't be.
 */
int vu_reconnect(struct vu_dev *d, bool hung_up);

/* Start the queues that have parked. -errno: the link is of no use. */
int vu_restart_queues(struct vu_dev *d, struct err *err);

#endif
