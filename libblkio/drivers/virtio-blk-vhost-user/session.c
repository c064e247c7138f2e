/* SPDX-License-Identifier: MIT */
/*
 * What the vhost-user driver says to its server: the negotiation, and the
 * start and stop of queues. Memory is in memory.c.
 *
 * Needed are configuration space and acknowledgements: without these, nothing
 * would tell when a server is done with memory. Failure modes: as vu.h says.
 * Thread rule: under the instance's lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "util/clock.h"

#define STOP_TIMEOUT_NS NS_PER_SEC /* nobody wants to wait for an end */

#define PROTOCOL_NEEDED \
	(VHOST_USER_PROTOCOL_F_REPLY_ACK | VHOST_USER_PROTOCOL_F_CONFIG)
#define PROTOCOL_WANTED                               \
	(PROTOCOL_NEEDED | VHOST_USER_PROTOCOL_F_MQ | \
	 VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)

bool vu_has(const struct vu_dev *d, uint64_t protocol_feature)
{
	return d->protocol_features & protocol_feature;
}

static int call_until(struct vu_dev *d, const struct vhost_user_msg *msg,
		      const int *fds, size_t nr_fds, int64_t deadline_ns,
		      struct vhost_user_msg *reply, struct err *err)
{
	int ret = vu_channel_call(&d->ch, msg, fds, nr_fds, deadline_ns, reply,
				  NULL, err);

	switch (ret) {
	case -ECONNRESET:
	case -EBADMSG:
	case -EPROTO:
	case -EINVAL:
		return -EIO;
	default:
		return ret;
	}
}

int vu_call(struct vu_dev *d, const struct vhost_user_msg *msg, const int *fds,
	    size_t nr_fds, struct vhost_user_msg *reply, struct err *err)
{
	return call_until(d, msg, fds, nr_fds,
			  clock_now_ns() + d->timeout_ms * NS_PER_MS, reply,
			  err);
}

/* ---- negotiation ---- */

static int get_u64(struct vu_dev *d, uint32_t request, uint64_t *value,
		   struct err *err)
{
	const struct vhost_user_msg msg = {.request = request};
	struct vhost_user_msg reply;
	int ret = vu_call(d, &msg, NULL, 0, &reply, err);

	if (ret == 0)
		*value = reply.u64;
	return ret;
}

static int set_u64(struct vu_dev *d, uint32_t request, uint64_t value,
		   struct err *err)
{
	const struct vhost_user_msg msg = {.request = request, .u64 = value};

	return vu_call(d, &msg, NULL, 0, NULL, err);
}

static int negotiate_protocol(struct vu_dev *d, struct err *err)
{
	uint64_t offered;
	int ret = get_u64(d, VHOST_USER_GET_PROTOCOL_FEATURES, &offered, err);

	if (ret < 0)
		return ret;
	if (PROTOCOL_NEEDED & ~offered)
		return err_set(err, EIO,
			       "Backend doesn't support required protocol "
			       "features: offers 0x%" PRIx64 ", 0x%" PRIx64
			       " needed",
			       offered, PROTOCOL_NEEDED);
	d->protocol_features = offered & PROTOCOL_WANTED;
	ret = set_u64(d, VHOST_USER_SET_PROTOCOL_FEATURES, d->protocol_features,
		      err);
	d->ch.reply_ack = ret == 0;
	return ret;
}

static int negotiate_features(struct vu_dev *d, uint64_t offered,
			      struct err *err)
{
	uint64_t wanted = VBLK_FEATURES | VHOST_USER_F_PROTOCOL_FEATURES;

	if (!(offered & VIRTIO_F_VERSION_1))
		return err_set(err, EIO,
			       "Backend doesn't support VIRTIO_F_VERSION_1: "
			       "offers 0x%" PRIx64,
			       offered);
	d->vblk.features = offered & wanted;
	return set_u64(d, VHOST_USER_SET_FEATURES, d->vblk.features, err);
}

/* How many queues and regions: less one region, for the rings. */
static int learn_counts(struct vu_dev *d, struct err *err)
{
	struct device_info *info = &d->vblk.base.info;
	uint64_t queues = 1, slots = VHOST_USER_TABLE_REGIONS;
	int ret = 0;

	if (vu_has(d, VHOST_USER_PROTOCOL_F_MQ))
		ret = get_u64(d, VHOST_USER_GET_QUEUE_NUM, &queues, err);
	if (ret == 0 && vu_has(d, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS))
		ret = get_u64(d, VHOST_USER_GET_MAX_MEM_SLOTS, &slots, err);
	if (ret < 0)
		return ret;
	if (queues == 0 || slots == 0)
		return err_set(err, EIO,
			       "Backend has %" PRIu64 " queues and %" PRIu64
			       " memory slots, at least 1 of each wanted",
			       queues, slots);
	info->max_queues = MIN((uint64_t)info->max_queues, queues);
	d->max_regions = MIN(slots, (uint64_t)UINT_MAX);
	info->max_mem_regions = d->max_regions - 1;
	return 0;
}

int vu_negotiate(struct vu_dev *d, struct err *err)
{
	uint64_t offered;
	int ret = set_u64(d, VHOST_USER_SET_OWNER, 0, err);

	if (ret == 0)
		ret = get_u64(d, VHOST_USER_GET_FEATURES, &offered, err);
	if (ret < 0)
		return ret;
	if (!(offered & VHOST_USER_F_PROTOCOL_FEATURES))
		return err_set(err, EIO,
			       "Backend doesn't support "
			       "VHOST_USER_F_PROTOCOL_FEATURES");
	ret = negotiate_protocol(d, err);
	if (ret == 0)
		ret = negotiate_features(d, offered, err);
	if (ret == 0)
		ret = vblk_connect(&d->vblk, err);
	if (ret == 0)
		ret = learn_counts(d, err);
	return ret;
}

int vu_read_config(struct vblk_dev *vblk, uint8_t *buf, size_t len,
		   struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_CONFIG,
		.config = {.size = len},
	};
	struct vhost_user_msg reply;
	int ret = vu_call(to_vu(vblk), &msg, NULL, 0, &reply, err);

	if (ret == 0)
		memcpy(buf, reply.config.data, len);
	return ret;
}

/* ---- queues ---- */

static int set_state(struct vu_dev *d, uint32_t request, unsigned index,
		     uint32_t num, struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = request,
		.state = {.index = index, .num = num},
	};

	return vu_call(d, &msg, NULL, 0, NULL, err);
}

static int set_address(struct vu_dev *d, const struct vblk_queue *q,
		       struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_SET_VRING_ADDR,
		.addr =
			{
				.index = q->index,
				.desc = (uintptr_t)q->vq.desc,
				.avail = (uintptr_t)q->vq.avail,
				.used = (uintptr_t)q->vq.used,
			},
	};

	return vu_call(d, &msg, NULL, 0, NULL, err);
}

static int set_fd(struct vu_dev *d, uint32_t request, unsigned index, int fd,
		  struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = request,
		.vring_fd = {.index = index, .has_fd = true},
	};

	return vu_call(d, &msg, &fd, 1, NULL, err);
}

/* A refusal leaves the channel in order, unlike all else that goes wrong. */
int vu_try_queue_size(struct vblk_dev *vblk, int size, struct err *err)
{
	struct vu_dev *d = to_vu(vblk);
	int ret = set_state(d, VHOST_USER_SET_VRING_NUM, 0, size, err);

	return ret == -EIO && !d->ch.broken ? -ERANGE : ret;
}

int vu_start_queue(struct vblk_queue *q, struct err *err)
{
	struct vu_dev *d = to_vu(to_vblk(q->base.dev));
	eventfd_t ignored;
	int ret = set_state(d, VHOST_USER_SET_VRING_NUM, q->index, q->vq.size,
			    err);

	if (ret == 0)
		ret = set_state(d, VHOST_USER_SET_VRING_BASE, q->index,
				VQ_BASE_START(q->vq.packed), err);
	if (ret == 0)
		ret = set_address(d, q, err);
	if (ret == 0)
		ret = set_fd(d, VHOST_USER_SET_VRING_KICK, q->index, q->kick_fd,
			     err);
	if (ret == 0)
		ret = set_fd(d, VHOST_USER_SET_VRING_CALL, q->index, q->call_fd,
			     err);
	if (ret == 0)
		ret = set_state(d, VHOST_USER_SET_VRING_ENABLE, q->index, 1,
				err);
	/* some servers call at once, in case that we came back and had missed
	 * one */
	if (ret == 0)
		eventfd_read(q->call_fd, &ignored);
	return ret;
}

/* The reply says that it has stopped. Without one the channel is cut off. */
void vu_stop_queue(struct vblk_queue *q)
{
	struct vu_dev *d = to_vu(to_vblk(q->base.dev));
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_VRING_BASE,
		.state = {.index = q->index},
	};

	call_until(d, &msg, NULL, 0, clock_now_ns() + STOP_TIMEOUT_NS, NULL,
		   NULL);
}
