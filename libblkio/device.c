/* SPDX-License-Identifier: MIT */
/*
 * The life of an instance: created, connected, started, destroyed. Each step
 * either succeeds or leaves the instance in the state it had, ready for
 * another try. Queues are in queue_table.c.
 *
 * Thread rule: under the instance's lock.
 */
#include "libblkio/device.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libblkio/default_ops.h"
#include "libblkio/queue_table.h"
#include "libblkio/regions.h"
#include "libblkio/status.h"
#include "libblkio/utf8.h"

/* ---- create and destroy ---- */

static const struct driver *find_driver(const char *name)
{
	for (int i = 0; i < nr_drivers; i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	return NULL;
}

/* The driver's table with every slot set; NULL when there is no memory. */
static struct driver *complete_table(const struct driver *drv)
{
	struct driver *ops = malloc(sizeof(*ops));

	if (ops) {
		*ops = *drv;
		default_ops_overlay(ops);
	}
	return ops;
}

/* Everything but what the driver's create() and connect() made. */
static void free_base(struct blkio *b)
{
	regions_exit(b);
	status_exit(b);
	pthread_mutex_destroy(&b->lock);
	free(b->path);
	free((struct driver *)b->drv);
	free(b);
}

int device_create(const char *name, struct blkio **bp, struct err *err)
{
	const struct driver *drv;
	struct blkio *b;
	int ret;

	if (!utf8_valid(name))
		return err_set(err, EINVAL, "Invalid driver name");
	drv = find_driver(name);
	if (!drv)
		return err_set(err, ENOENT, "Unknown driver name \"%s\"", name);
	b = calloc(1, drv->device_size);
	if (!b)
		return err_set(err, ENOMEM, "Out of memory");
	pthread_mutex_init(&b->lock, NULL);
	b->state = DEVICE_CREATED;
	b->pid = getpid();
	b->fd = -1;
	b->num_queues = 1;
	status_init(b);
	b->drv = complete_table(drv);
	if (regions_init(b) < 0 || !b->drv)
		ret = err_set(err, ENOMEM, "Out of memory");
	else
		ret = b->drv->create(b, err);
	if (ret < 0)
		free_base(b);
	else
		*bp = b;
	return ret;
}

void device_destroy(struct blkio *b)
{
	/* a child has no worker threads, and its parent's queues go on */
	if (b->pid != getpid())
		return;
	b->drv->close_begins(b);
	queue_table_clear(b, &b->queues);
	queue_table_clear(b, &b->poll_queues);
	regions_exit(b);
	b->drv->destroy(b);
	free_base(b);
}

/* ---- state changes ---- */

int device_connect(struct blkio *b, struct err *err)
{
	int ret;

	if (b->state == DEVICE_CONNECTED)
		return 0;
	if (b->state == DEVICE_STARTED)
		return err_set(err, EBUSY, "Cannot connect in started state");
	ret = b->drv->connect(b, err);
	if (ret < 0)
		return ret;
	b->state = DEVICE_CONNECTED;
	status_set_connection(b, BLKIO_CONNECTION_UP);
	return 0;
}

static int check_queue_counts(const struct blkio *b, struct err *err)
{
	int64_t total = (int64_t)b->num_queues + b->num_poll_queues;

	if (b->num_poll_queues > 0 && !b->info.supports_poll_queues)
		return err_set(err, EINVAL, "Poll queues not supported");
	if (total == 0 && !b->info.can_add_queues)
		return err_set(err, EINVAL,
			       "At least one of num-queues and "
			       "num-poll-queues must be greater than 0");
	if (total > b->info.max_queues)
		return err_set(err, EINVAL,
			       "num-queues + num-poll-queues must "
			       "not be greater than %d, are %" PRId64,
			       b->info.max_queues, total);
	return 0;
}

static int make_queues(struct blkio *b, struct err *err)
{
	int ret = 0;

	for (int i = 0; i < b->num_queues && ret >= 0; i++)
		ret = queue_table_add(b, &b->queues, err);
	for (int i = 0; i < b->num_poll_queues && ret >= 0; i++)
		ret = queue_table_add(b, &b->poll_queues, err);
	if (ret >= 0)
		return 0;
	queue_table_clear(b, &b->queues);
	queue_table_clear(b, &b->poll_queues);
	return ret;
}

int device_start(struct blkio *b, struct err *err)
{
	int ret;

	if (b->state == DEVICE_STARTED)
		return 0;
	if (b->state == DEVICE_CREATED)
		return err_set(err, ENODEV, "Device must be connected");
	ret = check_queue_counts(b, err);
	if (ret == 0)
		ret = b->drv->start(b, err);
	if (ret == 0)
		ret = make_queues(b, err);
	if (ret == 0)
		b->state = DEVICE_STARTED;
	return ret;
}

int device_resize(struct blkio *b, uint64_t size, struct err *err)
{
	uint64_t align = MAX(b->info.request_alignment, 1);
	int ret;

	if (b->state == DEVICE_CREATED)
		return err_set(err, ENODEV, "Device must be connected");
	if (b->read_only)
		return err_set(err, EACCES,
			       "device is read-only, can't be "
			       "resized");
	if (size % align)
		return err_set(err, EINVAL,
			       "size %" PRIu64 " violates "
			       "request-alignment %" PRIu64,
			       size, align);
	ret = b->drv->resize(b, size, err);
	if (ret == 0)
		status_set_capacity(b, size);
	return ret;
}
