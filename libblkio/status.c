/* SPDX-License-Identifier: MIT */
/*
 * Capacity and connection of a device, and the event fd that tells of their
 * changes. The library doesn't watch a device by itself: a driver that hears
 * from its device says so here, and any look at the capacity is taken note
 * of. A lookup that fails changes nothing.
 *
 * Thread rule: under the instance's lock.
 */
#include "libblkio/status.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void changed(struct blkio *b)
{
	b->changes++;
	/* fails only when the counter is full: it is readable then */
	if (b->event_fd >= 0)
		eventfd_write(b->event_fd, 1);
}

void status_init(struct blkio *b)
{
	b->event_fd = -1;
	b->connection = BLKIO_CONNECTION_NONE;
}

void status_exit(struct blkio *b)
{
	if (b->event_fd >= 0)
		close(b->event_fd);
}

void status_set_capacity(struct blkio *b, uint64_t bytes)
{
	if (b->last_capacity == bytes)
		return;
	b->last_capacity = bytes;
	changed(b);
}

void status_set_connection(struct blkio *b, enum blkio_connection connection)
{
	if (b->connection == connection)
		return;
	b->connection = connection;
	changed(b);
}

int status_get_capacity(struct blkio *b, uint64_t *bytes, struct err *err)
{
	int ret = b->drv->get_capacity(b, bytes, err);

	if (ret == 0)
		status_set_capacity(b, *bytes);
	return ret;
}

int status_get(struct blkio *b, struct blkio_status *status, struct err *err)
{
	uint64_t bytes = 0;
	int ret = 0;

	if (b->state != DEVICE_CREATED)
		ret = status_get_capacity(b, &bytes, err);
	*status = (struct blkio_status){
		.capacity = bytes,
		.connection = b->connection,
		.changes = b->changes,
	};
	return ret;
}

int status_get_event_fd(struct blkio *b, struct err *err)
{
	if (b->event_fd >= 0)
		return b->event_fd;
	b->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->event_fd < 0)
		return err_sys(err, errno, "make an eventfd");
	b->drv->event_fd_made(b);
	return b->event_fd;
}
