/* SPDX-License-Identifier: MIT */
/*
 * Records of what a vhost-user server has in flight, in memory that it makes
 * and that survives it, because its descriptor is kept here. Nothing here
 * looks into it. They are asked for only where there is reconnecting.
 *
 * A server that refuses is one without records: then requests are added again
 * for the next one. Thread rule: under the instance's lock.
 */
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"

void vu_forget_inflight(struct vu_dev *d)
{
	if (d->inflight_fd >= 0)
		close(d->inflight_fd);
	d->inflight_fd = -1;
}

static int get_records(struct vu_dev *d)
{
	const struct blkio *b = &d->vblk.base;
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_INFLIGHT_FD,
		.inflight =
			{
				.nr_queues = b->num_queues + b->num_poll_queues,
				.queue_size = d->vblk.queue_size,
			},
	};
	struct vhost_user_msg reply;
	int ret = vu_link_call(&d->link, &msg, NULL, 0, &reply, &d->inflight_fd,
			       NULL);

	if (ret == 0)
		d->inflight = reply.inflight;
	return ret;
}

static int set_records(struct vu_dev *d)
{
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_SET_INFLIGHT_FD,
		.inflight = d->inflight,
	};

	return vu_link_call(&d->link, &msg, &d->inflight_fd, 1, NULL, NULL,
			    NULL);
}

void vu_tell_inflight(struct vu_dev *d)
{
	bool has = d->reconnect_ms > 0 &&
		   vu_link_has(&d->link, VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD);

	if (has && d->inflight_fd >= 0 && set_records(d) == 0)
		return;
	vu_forget_inflight(d);
	d->incarnation++;
	if (!has || get_records(d) < 0 || d->inflight_fd < 0)
		return;
	if (set_records(d) < 0)
		vu_forget_inflight(d);
}
