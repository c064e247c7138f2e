/* SPDX-License-Identifier: MIT */
/*
 * The driver virtio-blk-vhost-user: a block device in another process, which
 * shares our memory and is told about it through a unix socket. It is the
 * transport below drivers/virtio-blk/.
 *
 * One thread of each connected instance watches for the server's hang-up.
 * All else runs under the instance's lock.
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

struct vu_dev {
	struct vblk_dev vblk;
	struct vu_channel ch; /* fd -1: not connected */
	uint64_t protocol_features;
	int timeout_ms; /* property "connect-timeout-ms"; of any one call, too */
	int socket_fd;	/* property; -1: unset. ch's, once connected */
	struct vu_region *regions;
	unsigned nr_regions; /* the rings' among them */
	unsigned max_regions;
	/* watch.c */
	pthread_t watcher; /* while stop_fd is not -1 */
	int stop_fd;	   /* eventfd */
};

static inline struct vu_dev *to_vu(struct vblk_dev *d)
{
	return (struct vu_dev *)d;
}

/* ---- session.c ---- */

/* Say hello, negotiate. -EIO: the server says what can't be; -ETIMEDOUT. */
int vu_negotiate(struct vu_dev *d, struct err *err);

/*
 * Ask, within the timeout; a server that is gone or says what can't be is
 * told as -EIO, with text. reply may be NULL.
 */
int vu_call(struct vu_dev *d, const struct vhost_user_msg *msg, const int *fds,
	    size_t nr_fds, struct vhost_user_msg *reply, struct err *err);

bool vu_has(const struct vu_dev *d, uint64_t protocol_feature);

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
void vu_forget_regions(struct vu_dev *d);

/* ---- watch.c ---- */

int vu_watch(struct vu_dev *d, struct err *err);
void vu_unwatch(struct vu_dev *d);

#endif
