/* SPDX-License-Identifier: MIT */
/*
 * Queues by index. Removing one leaves a hole, which the next one to be
 * added fills, so the indices of the others never change. Queues start on a
 * cache line of their own: each is used by another thread.
 *
 * Thread rule: under the instance's lock. Whoever removes a queue makes sure
 * that nobody uses it.
 */
#include "libblkio/queue_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libblkio/device.h"
#include "libblkio/regions.h"

#define CACHE_LINE 64

static struct queue_table *table(struct blkio *b, bool poll)
{
	return poll ? &b->poll_queues : &b->queues;
}

/* ---- one queue ---- */

static int init_queue(struct blkio *b, struct blkioq *q, bool poll,
		      struct err *err)
{
	int ret;

	q->dev = b;
	q->poll = poll;
	q->completion_fd = -1;
	q->submit = b->drv->submit;
	q->do_io = b->drv->do_io;
	request_fifo_init(&q->backlog);
	request_fifo_init(&q->failed);
	request_fifo_init(&q->done);
	if (request_pool_init(&q->pool, b->drv->request_size) < 0)
		return err_set(err, ENOMEM, "Out of memory for requests");
	regions_hold(q);
	ret = b->drv->queue_init(q, err);
	if (ret < 0) {
		regions_drop(q);
		request_pool_destroy(&q->pool);
	}
	return ret;
}

static int create_queue(struct blkio *b, bool poll, struct blkioq **qp,
			struct err *err)
{
	size_t size = ALIGN_UP(b->drv->queue_size, CACHE_LINE);
	struct blkioq *q = aligned_alloc(CACHE_LINE, size);
	int ret;

	if (!q)
		return err_set(err, ENOMEM, "Out of memory for a queue");
	memset(q, 0, size);
	ret = init_queue(b, q, poll, err);
	if (ret < 0)
		free(q);
	else
		*qp = q;
	return ret;
}

static void destroy_queue(struct blkioq *q)
{
	q->dev->drv->queue_exit(q);
	regions_drop(q);
	request_pool_destroy(&q->pool);
	free(q);
}

/* ---- tables ---- */

/* Index of an empty slot, the lowest; -errno. */
static int free_slot(struct queue_table *t, struct err *err)
{
	struct blkioq **slots;
	int i, nr;

	for (i = 0; i < t->nr_slots; i++)
		if (!t->slots[i])
			return i;
	nr = t->nr_slots ? t->nr_slots * 2 : 4;
	slots = reallocarray(t->slots, nr, sizeof(*slots));
	if (!slots)
		return err_set(err, ENOMEM, "Out of memory for %d queues", nr);
	memset(&slots[t->nr_slots], 0, (nr - t->nr_slots) * sizeof(*slots));
	t->slots = slots;
	t->nr_slots = nr;
	return i;
}

int queue_table_add(struct blkio *b, struct queue_table *t, struct err *err)
{
	int index = free_slot(t, err), ret;

	if (index < 0)
		return index;
	ret = create_queue(b, t == &b->poll_queues, &t->slots[index], err);
	return ret < 0 ? ret : index;
}

void queue_table_clear(struct blkio *b, struct queue_table *t)
{
	for (int i = 0; i < t->nr_slots; i++)
		if (t->slots[i])
			destroy_queue(t->slots[i]);
	free(t->slots);
	*t = (struct queue_table){.slots = NULL};
}

static int count(const struct queue_table *t)
{
	int nr = 0;

	for (int i = 0; i < t->nr_slots; i++)
		nr += t->slots[i] != NULL;
	return nr;
}

/* ---- control calls ---- */

struct blkioq *device_get_queue(struct blkio *b, bool poll, int index)
{
	struct queue_table *t = table(b, poll);

	return index >= 0 && index < t->nr_slots ? t->slots[index] : NULL;
}

int device_add_queue(struct blkio *b, bool poll, struct err *err)
{
	if (!b->info.can_add_queues)
		return err_set(err, EOPNOTSUPP,
			       "Driver does not support "
			       "dynamically adding queues");
	if (b->state != DEVICE_STARTED)
		return err_set(err, EBUSY, "Device must be started");
	if (poll && !b->info.supports_poll_queues)
		return err_set(err, EINVAL, "Poll queues not supported");
	if (count(&b->queues) + count(&b->poll_queues) >= b->info.max_queues)
		return err_set(err, EINVAL, "max-queues %d queues exist",
			       b->info.max_queues);
	return queue_table_add(b, table(b, poll), err);
}

int device_remove_queue(struct blkio *b, bool poll, int index, struct err *err)
{
	struct blkioq *q = device_get_queue(b, poll, index);

	if (!q)
		return err_set(err, ENOENT, "no queue with index %d", index);
	if (q->outstanding > 0)
		return err_set(err, EBUSY, "queue %d has %u requests in flight",
			       index, q->outstanding);
	destroy_queue(q);
	table(b, poll)->slots[index] = NULL;
	return 0;
}
