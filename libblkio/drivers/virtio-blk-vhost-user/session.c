/* SPDX-License-Identifier: MIT */
/*
 * What an instance of the vhost-user driver says to its server, but for
 * memory: from the negotiation to start and stop of queues.
 *
 * Failure modes: as vu.h says. While there is no server, but is to be one,
 * what can be said later is. Thread rule: under the instance's lock.
 */
#include <errno.h>
#include <limits.h>
#include <sys/eventfd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "libblkio/drivers/virtio-blk/phases.h"
#include "util/clock.h"

#define STOP_TIMEOUT_NS NS_PER_SEC /* nobody wants to wait for an end */

int vu_negotiate(struct vu_dev *d, struct err *err)
{
	struct device_info *info = &d->vblk.base.info;
	int ret = vu_link_negotiate(&d->link, VBLK_FEATURES, false, err);

	if (ret < 0)
		return ret;
	d->vblk.features = d->link.features;
	ret = vblk_connect(&d->vblk, err);
	if (ret < 0)
		return ret;
	info->max_queues = MIN((uint64_t)info->max_queues, d->link.queues);
	d->max_regions = MIN(d->link.slots, (uint64_t)UINT_MAX);
	info->max_mem_regions = d->max_regions - 1; /* one is the rings' */
	return 0;
}

bool vu_is_interrupted(const struct vu_dev *d)
{
	return d->reconnect_ms > 0 &&
	       d->vblk.base.connection != BLKIO_CONNECTION_LOST &&
	       (d->link.ch.fd < 0 || d->link.ch.broken);
}

static int say(struct vu_dev *d, const struct vhost_user_msg *msg,
	       const int *fds, size_t nr_fds, struct err *err)
{
	return vu_link_call(&d->link, msg, fds, nr_fds, NULL, NULL, err);
}

int vu_read_config(struct vblk_dev *vblk, uint8_t *buf, size_t len,
		   struct err *err)
{
	struct vu_dev *d = to_vu(vblk);
	int ret = vu_link_read_config(&d->link, buf, len, err);

	return ret < 0 && vu_is_interrupted(d) ? -ENOTCONN : ret;
}

/* ---- queues ---- */

static int set_state(struct vu_dev *d, uint32_t request, unsigned index,
		     uint32_t num, struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = request,
		.state = {.index = index, .num = num},
	};

	return say(d, &msg, NULL, 0, err);
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

	return say(d, &msg, NULL, 0, err);
}

static int set_fd(struct vu_dev *d, uint32_t request, unsigned index, int fd,
		  struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = request,
		.vring_fd = {.index = index, .has_fd = true},
	};

	return say(d, &msg, &fd, 1, err);
}

/* A refusal leaves the channel in order, unlike all else that goes wrong. */
int vu_try_queue_size(struct vblk_dev *vblk, int size, struct err *err)
{
	struct vu_dev *d = to_vu(vblk);
	int ret = set_state(d, VHOST_USER_SET_VRING_NUM, 0, size, err);

	if (ret < 0 && vu_is_interrupted(d))
		return -ENOTCONN;
	return ret == -EIO && !d->link.ch.broken ? -ERANGE : ret;
}

/* Some servers don't know the message. */
static int set_err_fd(struct vu_dev *d, unsigned index, struct err *err)
{
	int ret =
		set_fd(d, VHOST_USER_SET_VRING_ERR, index, d->link.err_fd, err);

	return ret == -EIO && !d->link.ch.broken ? 0 : ret;
}

/* A ring that no device has worked on begins where it is, too. */
static int start_queue(struct vu_dev *d, struct vblk_queue *q, struct err *err)
{
	int ret = set_state(d, VHOST_USER_SET_VRING_NUM, q->index, q->vq.size,
			    err);

	if (ret == 0)
		ret = set_state(d, VHOST_USER_SET_VRING_BASE, q->index,
				vq_driver_base(&q->vq), err);
	if (ret == 0)
		ret = set_address(d, q, err);
	if (ret == 0)
		ret = set_fd(d, VHOST_USER_SET_VRING_KICK, q->index, q->kick_fd,
			     err);
	if (ret == 0)
		ret = set_fd(d, VHOST_USER_SET_VRING_CALL, q->index, q->call_fd,
			     err);
	if (ret == 0)
		ret = set_err_fd(d, q->index, err);
	if (ret == 0)
		ret = set_state(d, VHOST_USER_SET_VRING_ENABLE, q->index, 1,
				err);
	return ret;
}

int vu_start_queue(struct vblk_queue *q, struct err *err)
{
	struct vu_dev *d = to_vu(to_vblk(q->base.dev));
	int ret = start_queue(d, q, err);
	eventfd_t ignored;

	if (ret < 0)
		return vu_is_interrupted(d) ? -ENOTCONN : ret;
	q->incarnation = d->incarnation;
	/* some servers call at once, in case that we came back and had missed
	 * one */
	eventfd_read(q->call_fd, &ignored);
	return 0;
}

/* The reply says that it has stopped. Without one the channel is cut off. */
void vu_stop_queue(struct vblk_queue *q)
{
	struct vu_link *l = &to_vu(to_vblk(q->base.dev))->link;
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_VRING_BASE,
		.state = {.index = q->index},
	};

	if (vblk_phase(q) == VBLK_PARKED) /* it never began */
		return;
	vu_channel_call(&l->ch, &msg, NULL, 0, clock_now_ns() + STOP_TIMEOUT_NS,
			NULL, NULL, NULL);
}
