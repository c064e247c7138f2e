/* SPDX-License-Identifier: MIT */
/*
 * The vhost-user driver's table, properties and connection: see vu.h.
 *
 * Failure modes of connect(), all of which leave the instance as it was: no
 * path, or socket; connect(2)'s errors; a server that doesn't speak the
 * protocol or lacks what we need (-EIO), or is silent (-ETIMEDOUT). Thread
 * rule: under the instance's lock.
 */
#include <errno.h>
#include <unistd.h>

#include "libblkio/api.h"
#include "libblkio/drivers/registry.h"
#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "util/clock.h"

#define DEFAULT_TIMEOUT_MS 30000

static struct vu_dev *vu_of(struct blkio *b)
{
	return to_vu(to_vblk(b));
}

static const struct vblk_transport transport = {
	.read_config = vu_read_config,
	.map_rings = vu_map_rings,
	.unmap_rings = vu_unmap_rings,
	.try_queue_size = vu_try_queue_size,
	.start_queue = vu_start_queue,
	.stop_queue = vu_stop_queue,
	.parked = vu_wake_watcher,
};

static int create(struct blkio *b, struct err *err)
{
	struct vu_dev *d = vu_of(b);

	d->stop_fd = d->wake_fd = d->socket_fd = d->inflight_fd = -1;
	d->timeout_ms = DEFAULT_TIMEOUT_MS;
	vu_link_init(&d->link, d->timeout_ms);
	return vblk_create(&d->vblk, &transport, err);
}

static int no_path(struct err *err)
{
	return err_set(err, EINVAL,
		       "reconnect-ms is set, but there is no path to connect "
		       "to again, only socket-fd");
}

static int open_channel(struct vu_dev *d, struct err *err)
{
	const char *path = d->vblk.base.path;
	bool has_path = path && *path, has_socket = d->socket_fd != -1;

	if (!has_path && !has_socket)
		return err_set(err, EINVAL, "One of path and fd must be set");
	if (has_path && has_socket)
		return err_set(err, EINVAL,
			       "path \"%s\" and socket-fd %d are both set: one "
			       "wanted",
			       path, d->socket_fd);
	if (has_socket && d->reconnect_ms > 0)
		return no_path(err);
	vu_link_init(&d->link, d->timeout_ms);
	if (has_socket)
		return vu_channel_adopt(&d->link.ch, d->socket_fd, err);
	return vu_channel_connect(&d->link.ch, path,
				  clock_now_ns() + d->timeout_ms * NS_PER_MS,
				  err);
}

static int connect_device(struct blkio *b, struct err *err)
{
	struct vu_dev *d = vu_of(b);
	struct device_info old = b->info;
	int ret = open_channel(d, err);

	if (ret == 0)
		ret = vu_negotiate(d, err);
	if (ret == 0)
		ret = vu_watch(d, err);
	if (ret < 0) {
		b->info = old;
		if (d->socket_fd != -1) /* is the caller's still */
			d->link.ch.fd = -1;
		vu_link_close(&d->link);
		return ret;
	}
	b->last_capacity = b->info.capacity;
	return 0;
}

/* A server that goes now is not waited for; one that is there, is. */
static void close_begins(struct blkio *b)
{
	struct vu_dev *d = vu_of(b);

	vu_unwatch(d);
	d->closing = true;
	if (d->link.ch.fd >= 0 && !d->link.ch.broken)
		vu_watch(d, NULL);
}

static void destroy(struct blkio *b)
{
	struct vu_dev *d = vu_of(b);

	vu_unwatch(d);
	if (d->wake_fd >= 0)
		close(d->wake_fd);
	vu_link_close(&d->link);
	vu_forget_inflight(d);
	vu_forget_regions(d);
	vblk_destroy(&d->vblk);
}

/* ---- properties ---- */

/* Clients find out by setting it whether they can pass a descriptor. */
static int set_fd(struct blkio *b, const struct property *p,
		  const union property_value *v, struct err *err)
{
	return err_set(err, ENOENT, "fd property not supported");
}

static int set_timeout(struct blkio *b, const struct property *p,
		       const union property_value *v, struct err *err)
{
	if (v->i <= 0)
		return err_set(err, EINVAL,
			       "connect-timeout-ms must be greater than 0, not "
			       "%d",
			       v->i);
	vu_of(b)->timeout_ms = v->i;
	return 0;
}

/* Of both; the watcher reads them. */
static int set_reconnect(struct blkio *b, const struct property *p,
			 const union property_value *v, struct err *err)
{
	struct vu_dev *d = vu_of(b);

	if (v->i < 0)
		return err_set(err, EINVAL, "%s must not be negative, is %d",
			       p->name, v->i);
	if (v->i > 0 && d->socket_fd != -1 && b->state == DEVICE_CONNECTED)
		return no_path(err);
	__atomic_store_n((int *)((char *)b + p->offset), v->i,
			 __ATOMIC_RELAXED);
	d->vblk.queue_rings = d->reconnect_ms > 0 ? 2 : 1;
	return 0;
}

static void event_fd_made(struct blkio *b)
{
	__atomic_store_n(&vu_of(b)->polling, true, __ATOMIC_RELAXED);
	vu_wake_watcher(to_vblk(b));
}

static const struct property props[] = {
	VBLK_PROPERTIES,
	PROPERTY(STR, "path", struct blkio, path, PROPERTY_ALWAYS,
		 DEVICE_CREATED, NULL),
	PROPERTY(INT, "fd", struct blkio, fd, PROPERTY_ALWAYS, DEVICE_CREATED,
		 set_fd),
	PROPERTY(INT, "socket-fd", struct vu_dev, socket_fd, PROPERTY_ALWAYS,
		 DEVICE_CREATED, NULL),
	PROPERTY(INT, "connect-timeout-ms", struct vu_dev, timeout_ms,
		 PROPERTY_ALWAYS, DEVICE_CREATED, set_timeout),
	PROPERTY(INT, "reconnect-ms", struct vu_dev, reconnect_ms,
		 PROPERTY_ALWAYS, DEVICE_CREATED | DEVICE_CONNECTED,
		 set_reconnect),
	PROPERTY(INT, "reconnect-limit-ms", struct vu_dev, reconnect_limit_ms,
		 PROPERTY_ALWAYS, DEVICE_CREATED | DEVICE_CONNECTED,
		 set_reconnect),
};

const struct driver vu_driver = {
	.name = "virtio-blk-vhost-user",
	.props = props,
	.nr_props = ARRAY_SIZE(props),
	.device_size = sizeof(struct vu_dev),
	VBLK_SLOTS,
	.create = create,
	.connect = connect_device,
	.close_begins = close_begins,
	.destroy = destroy,
	.event_fd_made = event_fd_made,
	.map_region = vu_map_region,
	.unmap_region = vu_unmap_region,
};
