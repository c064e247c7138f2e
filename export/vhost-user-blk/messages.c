/* SPDX-License-Identifier: MIT */
/*
 * What each message of the front-end does (Front-end message types). The
 * message has been decoded: its sizes, descriptors and the feature it needs
 * are in order.
 *
 * A queue runs when it has all it takes: its size, addresses, a kick
 * descriptor, and is enabled. A message that changes any of that stops it,
 * changes it, and starts it again if it can: one way for what comes at once
 * and what comes under load.
 *
 * Failure modes: -errno with text. What a message can't change stays as it
 * was, but for SET_MEM_TABLE, which leaves what it could map; queues that
 * can't run with what there is now stay stopped.
 * Threads: the main loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "export/vhost-user-blk/vub_int.h"
#include "proto/vhost_user_mem.h"

/* clang-format off */
#define PROTOCOL_FEATURES					\
	(VHOST_USER_PROTOCOL_F_MQ |				\
	 VHOST_USER_PROTOCOL_F_LOG_SHMFD |			\
	 VHOST_USER_PROTOCOL_F_REPLY_ACK |			\
	 VHOST_USER_PROTOCOL_F_BACKEND_REQ |			\
	 VHOST_USER_PROTOCOL_F_CONFIG |				\
	 VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD |			\
	 VHOST_USER_PROTOCOL_F_RESET_DEVICE |			\
	 VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)
/* clang-format on */

static uint64_t features_of(const struct vub_client *c)
{
	return c->server->dev.features | VIRTIO_F_INDIRECT_DESC |
	       VIRTIO_F_EVENT_IDX | VIRTIO_F_VERSION_1 | VIRTIO_F_RING_PACKED |
	       VHOST_USER_F_PROTOCOL_FEATURES | VHOST_USER_F_LOG_ALL;
}

/* ---- all queues ---- */

void co_vub_stop_all(struct vub_client *c)
{
	for (unsigned i = 0; i < c->server->nr_queues; i++)
		co_vub_queue_stop(&c->server->queues[i]);
}

int co_vub_start_all(struct vub_client *c, struct err *err)
{
	int ret = 0;

	for (unsigned i = 0; ret == 0 && i < c->server->nr_queues; i++)
		ret = co_vub_queue_start(&c->server->queues[i], c, err);
	return ret;
}

/* ---- features ---- */

static int check_offered(uint64_t features, uint64_t offered, struct err *err)
{
	if (features & ~offered)
		return err_set(err, EINVAL,
			       "features 0x%" PRIx64
			       ", offered were 0x%" PRIx64,
			       features, offered);
	return 0;
}

static int co_set_features(struct vub_client *c, uint64_t features,
			   struct err *err)
{
	int ret = check_offered(features, features_of(c), err);

	if (ret < 0)
		return ret;
	co_vub_stop_all(c);
	c->features = features;
	/* who doesn't know of SET_VRING_ENABLE has all queues enabled */
	if (!(features & VHOST_USER_F_PROTOCOL_FEATURES))
		for (unsigned i = 0; i < c->server->nr_queues; i++)
			c->server->queues[i].enabled = true;
	return co_vub_start_all(c, err);
}

static int set_protocol_features(struct vub_client *c, uint64_t features,
				 struct err *err)
{
	int ret = check_offered(features, PROTOCOL_FEATURES, err);

	if (ret == 0)
		c->protocol_features = features;
	return ret;
}

/* ---- configuration space ---- */

static int get_config(struct vub_client *c, struct vhost_user_config *config)
{
	/* a device that can't tell has the size that it had */
	node_refresh_size(c->server->dev.node, NULL);
	vblk_config_read(&c->server->dev, config->offset, c->config,
			 config->size);
	config->data = c->config;
	return 0;
}

static int set_config(struct vub_client *c,
		      const struct vhost_user_config *config, struct err *err)
{
	struct vblk_device *dev = &c->server->dev;
	int ret = vblk_config_write(dev, c->features, config->offset,
				    config->data, config->size, err);

	if (ret == 0)
		vub_inflight_keep(&c->inflight, atomic_load(&dev->writeback));
	return ret;
}

/* ---- memory ---- */

static int co_add_region(struct vub_client *c,
			 const struct vhost_user_region *region, int fd,
			 struct err *err)
{
	struct vub_table *old;
	int ret = vub_memory_add(&c->memory, region, fd, &old, err);

	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < c->server->nr_queues; i++)
		co_vub_queue_memory(&c->server->queues[i], c->memory.table);
	free(old);
	return 0;
}

static int co_remove_region(struct vub_client *c,
			    const struct vhost_user_region *region,
			    struct err *err)
{
	int ret = vhost_user_find_region(c->memory.regions, c->memory.nr,
					 region, err);

	if (ret < 0)
		return ret;
	co_vub_stop_all(c);
	ret = vub_memory_remove(&c->memory, region, err);
	return ret < 0 ? ret : co_vub_start_all(c, err);
}

static int co_set_table(struct vub_client *c,
			const struct vhost_user_table *table, struct err *err)
{
	int ret = 0;

	co_vub_stop_all(c);
	vub_memory_clear(&c->memory);
	for (uint32_t i = 0; ret == 0 && i < table->nr; i++) {
		struct vub_table *old = NULL;

		ret = vub_memory_add(&c->memory, &table->regions[i], c->fds[i],
				     &old, err);
		free(old);
	}
	return ret < 0 ? ret : co_vub_start_all(c, err);
}

/* ---- descriptors ---- */

/* A descriptor of the message at hand in place of another; -1 takes it away. */
static int set_fd(struct vub_client *c, bool has_fd, int *fd, struct err *err)
{
	int new = has_fd ? c->fds[0] : -1, flags;

	if (has_fd) {
		/* nothing that the client does with it may block a loop */
		flags = fcntl(new, F_GETFL);
		if (flags < 0 || fcntl(new, F_SETFL, flags | O_NONBLOCK) < 0)
			return err_sys(err, errno, "descriptor: fcntl");
		c->fds[0] = -1;
	}
	if (*fd >= 0)
		close(*fd);
	*fd = new;
	return 0;
}

/* ---- our own requests ---- */

static int set_channel(struct vub_client *c, struct err *err)
{
	bool replies = c->protocol_features & VHOST_USER_PROTOCOL_F_REPLY_ACK;
	int ret = vub_channel_open(&c->channel, c->fds[0], replies, err);

	if (ret < 0)
		return ret;
	c->fds[0] = -1;
	vub_server_watch_size(c->server);
	return 0;
}

/* ---- dirty log ---- */

static int co_set_log(struct vub_client *c, const struct vhost_user_log *log,
		      struct err *err)
{
	int ret, started;

	co_vub_stop_all(c);
	ret = vub_dirty_set(&c->dirty, log, c->fds[0], &c->memory.lost, err);
	started = co_vub_start_all(c, ret < 0 ? NULL : err);
	return ret < 0 ? ret : started;
}

static int co_set_log_fd(struct vub_client *c, struct err *err)
{
	int ret, started;

	co_vub_stop_all(c);
	ret = set_fd(c, true, &c->dirty_fd, err);
	started = co_vub_start_all(c, ret < 0 ? NULL : err);
	return ret < 0 ? ret : started;
}

/* ---- in-flight records ---- */

static int get_inflight(struct vub_client *c, struct vhost_user_inflight *msg,
			struct err *err)
{
	int fd = vub_inflight_create(
		&c->inflight, msg, c->features & VIRTIO_F_RING_PACKED,
		c->server->nr_queues, VUB_RING_MAX, &c->memory.lost, err);

	if (fd < 0)
		return fd;
	c->reply_fd = fd;
	vub_inflight_keep(&c->inflight, atomic_load(&c->server->dev.writeback));
	return 0;
}

static int set_inflight(struct vub_client *c,
			const struct vhost_user_inflight *msg, struct err *err)
{
	bool writeback = atomic_load(&c->server->dev.writeback);
	int ret = vub_inflight_set(&c->inflight, msg, c->fds[0],
				   c->features & VIRTIO_F_RING_PACKED,
				   &c->memory.lost, err);

	if (ret < 0)
		return ret;
	vub_inflight_kept(&c->inflight, &writeback);
	atomic_store(&c->server->dev.writeback, writeback);
	return 0;
}

static int co_change_inflight(struct vub_client *c, struct vhost_user_msg *msg,
			      struct err *err)
{
	int ret, started;

	co_vub_stop_all(c);
	if (msg->request == VHOST_USER_GET_INFLIGHT_FD)
		ret = get_inflight(c, &msg->inflight, err);
	else
		ret = set_inflight(c, &msg->inflight, err);
	started = co_vub_start_all(c, ret < 0 ? NULL : err);
	return ret < 0 ? ret : started;
}

/* ---- rings ---- */

static int find_queue(struct vub_client *c, uint32_t index,
		      struct vub_queue **q, struct err *err)
{
	if (index >= c->server->nr_queues)
		return err_set(err, EINVAL, "queue %" PRIu32 ", there are %u",
			       index, c->server->nr_queues);
	*q = &c->server->queues[index];
	return 0;
}

static int set_size(struct vub_client *c, struct vub_queue *q, uint32_t size,
		    struct err *err)
{
	int ret = vq_check_size(size, c->features & VIRTIO_F_RING_PACKED, err);

	if (ret == 0 && size > VUB_RING_MAX)
		ret = err_set(err, EINVAL,
			      "ring of %" PRIu32 " entries, at most %u wanted",
			      size, VUB_RING_MAX);
	if (ret == 0)
		q->size = size;
	return ret;
}

static int set_addr(struct vub_client *c, struct vub_queue *q,
		    const struct vhost_user_vring_addr *addr, struct err *err)
{
	int ret = vhost_user_check_vring_addr(
		addr, c->features & VIRTIO_F_RING_PACKED, err);

	if (ret < 0)
		return ret;
	q->addr = *addr;
	q->has_addr = true;
	return 0;
}

static int set_kick(struct vub_client *c, struct vub_queue *q, bool has_fd,
		    struct err *err)
{
	if (!has_fd)
		return err_set(err, ENOTSUP,
			       "queue %u without a descriptor: it would have "
			       "to be polled for ever",
			       q->index);
	return set_fd(c, true, &q->kick_fd, err);
}

static int co_change_ring(struct vub_client *c, struct vub_queue *q,
			  struct vhost_user_msg *msg, struct err *err)
{
	int ret = 0;

	co_vub_queue_stop(q);
	switch (msg->request) {
	case VHOST_USER_SET_VRING_NUM:
		ret = set_size(c, q, msg->state.num, err);
		break;
	case VHOST_USER_SET_VRING_BASE:
		q->base = msg->state.num;
		q->broken = false;
		break;
	case VHOST_USER_SET_VRING_ADDR:
		ret = set_addr(c, q, &msg->addr, err);
		break;
	case VHOST_USER_SET_VRING_KICK:
		ret = set_kick(c, q, msg->vring_fd.has_fd, err);
		break;
	case VHOST_USER_SET_VRING_CALL:
		ret = set_fd(c, msg->vring_fd.has_fd, &q->call_fd, err);
		break;
	case VHOST_USER_SET_VRING_ERR:
		ret = set_fd(c, msg->vring_fd.has_fd, &q->err_fd, err);
		break;
	case VHOST_USER_SET_VRING_ENABLE:
		q->enabled = msg->state.num;
		break;
	case VHOST_USER_GET_VRING_BASE:
		/* stopped for good: until it gets another kick descriptor */
		msg->state.num = q->base;
		q->broken = false;
		return set_fd(c, false, &q->kick_fd, err);
	}
	if (ret < 0) {
		/* as it was; it ran a moment ago */
		co_vub_queue_start(q, c, NULL);
		return ret;
	}
	return co_vub_queue_start(q, c, err);
}

static int co_ring(struct vub_client *c, struct vhost_user_msg *msg,
		   struct err *err)
{
	struct vub_queue *q = NULL;
	uint32_t index = msg->state.index;
	int ret;

	if (msg->request == VHOST_USER_SET_VRING_ADDR)
		index = msg->addr.index;
	else if (msg->request == VHOST_USER_SET_VRING_KICK ||
		 msg->request == VHOST_USER_SET_VRING_CALL ||
		 msg->request == VHOST_USER_SET_VRING_ERR)
		index = msg->vring_fd.index;
	ret = find_queue(c, index, &q, err);
	return ret < 0 ? ret : co_change_ring(c, q, msg, err);
}

/* As a new client finds it, but for memory and protocol features. */
static void co_reset_device(struct vub_client *c)
{
	co_vub_stop_all(c);
	for (unsigned i = 0; i < c->server->nr_queues; i++)
		vub_queue_reset(&c->server->queues[i]);
	vub_inflight_clear(&c->inflight);
	vub_dirty_clear(&c->dirty);
	vblk_reset(&c->server->dev);
	c->features = 0;
}

int co_vub_message(struct vub_client *c, struct vhost_user_msg *msg,
		   struct err *err)
{
	vub_log(c->server, LOG_DEBUG, "message %s",
		vhost_user_name(VHOST_USER_FRONTEND, msg->request));
	switch (msg->request) {
	case VHOST_USER_SET_OWNER:
	case VHOST_USER_RESET_OWNER: /* obsolete; may be ignored */
		return 0;
	case VHOST_USER_GET_FEATURES:
		msg->u64 = features_of(c);
		return 0;
	case VHOST_USER_SET_FEATURES:
		return co_set_features(c, msg->u64, err);
	case VHOST_USER_GET_PROTOCOL_FEATURES:
		msg->u64 = PROTOCOL_FEATURES;
		return 0;
	case VHOST_USER_SET_PROTOCOL_FEATURES:
		return set_protocol_features(c, msg->u64, err);
	case VHOST_USER_GET_QUEUE_NUM:
		msg->u64 = c->server->nr_queues;
		return 0;
	case VHOST_USER_GET_MAX_MEM_SLOTS:
		msg->u64 = VUB_REGIONS_MAX;
		return 0;
	case VHOST_USER_GET_CONFIG:
		return get_config(c, &msg->config);
	case VHOST_USER_SET_CONFIG:
		return set_config(c, &msg->config, err);
	case VHOST_USER_SET_MEM_TABLE:
		return co_set_table(c, &msg->table, err);
	case VHOST_USER_ADD_MEM_REG:
		return co_add_region(c, &msg->region, c->fds[0], err);
	case VHOST_USER_REM_MEM_REG:
		return co_remove_region(c, &msg->region, err);
	case VHOST_USER_RESET_DEVICE:
		co_reset_device(c);
		return 0;
	case VHOST_USER_SET_BACKEND_REQ_FD:
		return set_channel(c, err);
	case VHOST_USER_SET_LOG_BASE:
		return co_set_log(c, &msg->log, err);
	case VHOST_USER_SET_LOG_FD:
		return co_set_log_fd(c, err);
	case VHOST_USER_GET_INFLIGHT_FD:
	case VHOST_USER_SET_INFLIGHT_FD:
		return co_change_inflight(c, msg, err);
	case VHOST_USER_SET_VRING_NUM:
	case VHOST_USER_SET_VRING_ADDR:
	case VHOST_USER_SET_VRING_BASE:
	case VHOST_USER_GET_VRING_BASE:
	case VHOST_USER_SET_VRING_KICK:
	case VHOST_USER_SET_VRING_CALL:
	case VHOST_USER_SET_VRING_ERR:
	case VHOST_USER_SET_VRING_ENABLE:
		return co_ring(c, msg, err);
	}
	return err_set(err, EPROTO, "not offered");
}
