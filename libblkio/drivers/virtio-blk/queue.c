/* SPDX-License-Identifier: MIT */
/*
 * The life of a virtio-blk queue: its ring and headers in the device's rings,
 * what it remembers in memory of its own, two eventfds, start and stop. Also
 * how all queues learn that the device is gone.
 *
 * Failure modes: no memory, no descriptors, a device that refuses. Threads:
 * under the instance's lock, but vblk_lost(), which may come at any time.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk/vblk.h"
#include "util/clock.h"

#define EXIT_WAIT_NS NS_PER_SEC /* for requests in flight, at a queue's end */
#define PART_ALIGN 4096u	/* of a queue's part, and its headers */

int vblk_queue_bytes(const struct vblk_dev *d, struct vq_driver_layout *layout,
		     size_t *bytes, struct err *err)
{
	int ret = vq_driver_layout(layout, d->queue_size, d->table_segments,
				   d->features, err);

	if (ret < 0)
		return ret;
	*bytes = ALIGN_UP(layout->bytes, PART_ALIGN) +
		 ALIGN_UP(d->queue_size * sizeof(struct vblk_header),
			  PART_ALIGN);
	return 0;
}

static void free_memory(struct vblk_queue *q)
{
	free(q->slots);
	free(q->ids);
	free(q->tags);
	free(q->segs);
	if (q->kick_fd >= 0)
		close(q->kick_fd);
	if (q->call_fd >= 0)
		close(q->call_fd);
}

/* Undone by free_memory() even where it failed. */
static int get_memory(struct vblk_queue *q, unsigned size,
		      unsigned max_segments, struct err *err)
{
	q->slots = calloc(size, sizeof(*q->slots));
	q->ids = calloc(size, sizeof(*q->ids));
	q->tags = calloc(size, sizeof(*q->tags));
	/* a header and a status besides the data */
	q->segs = calloc(max_segments + 2, sizeof(*q->segs));
	q->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	q->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->kick_fd < 0 || q->call_fd < 0)
		return err_sys(err, errno, "eventfds of a queue");
	if (!q->slots || !q->ids || !q->tags || !q->segs)
		return err_set(err, ENOMEM, "Out of memory for a queue");
	for (unsigned i = 0; i < size; i++)
		q->tags[q->nr_tags++] = i;
	return 0;
}

static int make_ring(struct vblk_queue *q, struct err *err)
{
	const struct vblk_dev *d = to_vblk(q->base.dev);
	char *part = (char *)d->rings.addr + q->index * d->queue_bytes;
	struct vq_driver_config config = {
		.ring = part,
		.ring_addr = (uintptr_t)part,
		.slots = q->slots,
		.size = d->queue_size,
		.table_segments = d->table_segments,
		.features = d->features,
	};
	struct vq_driver_layout layout;
	size_t bytes;
	int ret = vblk_queue_bytes(d, &layout, &bytes, err);

	if (ret == 0)
		ret = vq_driver_init(&q->vq, &config, err);
	if (ret < 0)
		return ret;
	q->headers = (struct vblk_header *)(part +
					    ALIGN_UP(layout.bytes, PART_ALIGN));
	vq_driver_disable_calls(&q->vq);
	return 0;
}

int vblk_queue_init(struct blkioq *bq, struct err *err)
{
	struct vblk_queue *q = to_vblkq(bq);
	struct vblk_dev *d = to_vblk(bq->dev);
	int ret = get_memory(q, d->queue_size, bq->dev->info.max_segments, err);

	q->index = d->next_queue;
	if (ret == 0)
		ret = make_ring(q, err);
	if (ret == 0)
		ret = d->transport->start_queue(q, err);
	if (ret < 0) {
		free_memory(q);
		return ret;
	}
	d->next_queue++;
	if (!bq->poll)
		bq->completion_fd = q->call_fd;
	pthread_mutex_lock(&d->lock);
	list_push_back(&d->queues, &q->link);
	pthread_mutex_unlock(&d->lock);
	return 0;
}

void vblk_queue_exit(struct blkioq *bq)
{
	struct vblk_queue *q = to_vblkq(bq);
	struct vblk_dev *d = to_vblk(bq->dev);

	vblk_settle(q, clock_now_ns() + EXIT_WAIT_NS);
	pthread_mutex_lock(&d->lock);
	list_remove(&q->link);
	pthread_mutex_unlock(&d->lock);
	d->transport->stop_queue(q);
	free_memory(q);
}

void vblk_lost(struct vblk_dev *d)
{
	struct list_node *n;

	/* release: who sees it sees all that the device had completed */
	__atomic_store_n(&d->lost, true, __ATOMIC_RELEASE);
	pthread_mutex_lock(&d->lock);
	for (n = d->queues.head.next; n != &d->queues.head; n = n->next)
		eventfd_write(list_entry(n, struct vblk_queue, link)->call_fd,
			      1);
	pthread_mutex_unlock(&d->lock);
}
