/* SPDX-License-Identifier: MIT */
/*
 * Stubs for unset driver slots: do nothing where that is right (hooks), say
 * -ENOTSUP where the user asked for something. What every driver must have
 * (create, connect, destroy, queues, submit, process) has no stub.
 */
#include "libblkio/default_ops.h"

#include <errno.h>
#include <unistd.h>

#include "libblkio/do_io.h"

static int no_start(struct blkio *b, struct err *err)
{
	return 0;
}

static void no_hook(struct blkio *b)
{
}

static int no_map_region(struct blkio *b, const struct mapped_region *r,
			 struct err *err)
{
	return 0;
}

static void no_unmap_region(struct blkio *b, const struct mapped_region *r)
{
}

static int no_resize(struct blkio *b, uint64_t size, struct err *err)
{
	return err_set(err, ENOTSUP, "driver \"%s\" can't resize a device",
		       b->drv->name);
}

static int info_capacity(struct blkio *b, uint64_t *bytes, struct err *err)
{
	*bytes = b->info.capacity;
	return 0;
}

static void no_completion_fd_changed(struct blkioq *q)
{
}

static int do_io_stepwise(struct blkioq *q,
			  struct blkio_completion *completions, unsigned min,
			  unsigned max)
{
	return queue_do_io_rest(q, completions, 0, min, max);
}

static void signal_eventfd(struct blkioq *q)
{
	const uint64_t one = 1;

	/* fails only when the counter is full: it is readable then */
	if (write(q->completion_fd, &one, sizeof(one)) < 0)
		return;
}

void default_ops_overlay(struct driver *ops)
{
	if (!ops->start)
		ops->start = no_start;
	if (!ops->close_begins)
		ops->close_begins = no_hook;
	if (!ops->event_fd_made)
		ops->event_fd_made = no_hook;
	if (!ops->map_region)
		ops->map_region = no_map_region;
	if (!ops->unmap_region)
		ops->unmap_region = no_unmap_region;
	if (!ops->resize)
		ops->resize = no_resize;
	if (!ops->get_capacity)
		ops->get_capacity = info_capacity;
	if (!ops->completion_fd_changed)
		ops->completion_fd_changed = no_completion_fd_changed;
	if (!ops->do_io)
		ops->do_io = do_io_stepwise;
	if (!ops->signal)
		ops->signal = signal_eventfd;
}
