/* SPDX-License-Identifier: MIT */
/*
 * The life of a virtio-blk queue: its ring and extras in the device's rings,
 * what it remembers in memory of its own, two eventfds, start and stop.
 *
 * Failure modes: no memory, no descriptors, a device that refuses. Threads:
 * under the instance's lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk/phases.h"
#include "util/clock.h"

#define EXIT_WAIT_NS NS_PER_SEC /* for requests in flight, at a queue's end */
#define PART_ALIGN 4096u	/* of a queue's part, and its extras */

int vblk_queue_bytes(const struct vblk_dev *d, struct vq_driver_layout *layout,
		     size_t *bytes, struct err *err)
{
	int ret = vq_driver_layout(layout, d->queue_size, d->table_segments,
				   d->features, err);

	if (ret < 0)
		return ret;
	*bytes = ALIGN_UP(layout->bytes, PART_ALIGN) +
		 ALIGN_UP(d->queue_size * sizeof(union vblk_extra), PART_ALIGN);
	return 0;
}

static void free_memory(struct vblk_queue *q)
{
	free(q->slots);
	free(q->ids);
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
	/* a header and a status besides the data */
	q->segs = calloc(max_segments + 2, sizeof(*q->segs));
	q->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	q->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->kick_fd < 0 || q->call_fd < 0)
		return err_sys(err, errno, "eventfds of a queue");
	if (!q->slots || !q->ids || !q->segs)
		return err_set(err, ENOMEM, "Out of memory for a queue");
	return 0;
}

int vblk_queue_make_ring(struct vblk_queue *q, struct err *err)
{
	const struct vblk_dev *d = to_vblk(q->base.dev);
	unsigned ring = (q->ring + 1) % d->queue_rings;
	char *part = (char *)d->rings.addr +
		     (q->index * d->queue_rings + ring) * d->queue_bytes;
	struct vq_driver_config config = {
		.ring = part,
		.ring_addr = (uintptr_t)part,
		.slots = q->slots,
		.size = d->queue_size,
		.table_segments = d->table_segments,
		.features = d->features,
		.head_bytes = VIRTIO_BLK_REQUEST_LEN,
		.tail_bytes = VIRTIO_BLK_STATUS_LEN,
	};
	struct vq_driver_layout layout;
	size_t bytes;
	int ret = vblk_queue_bytes(d, &layout, &bytes, err);

	if (ret == 0)
		ret = vq_driver_init(&q->vq, &config, err);
	if (ret < 0)
		return ret;
	q->ring = ring;
	q->extras =
		(union vblk_extra *)(part + ALIGN_UP(layout.bytes, PART_ALIGN));
	vq_driver_disable_calls(&q->vq);
	return 0;
}

static void unlist(struct vblk_dev *d, struct vblk_queue *q)
{
	pthread_mutex_lock(&d->lock);
	list_remove(&q->link);
	pthread_mutex_unlock(&d->lock);
}

/* It is listed first, so that it does not miss a loss. */
static int start(struct vblk_dev *d, struct vblk_queue *q, struct err *err)
{
	int running = VBLK_RUNNING, ret;

	pthread_mutex_lock(&d->lock);
	list_push_back(&d->queues, &q->link);
	pthread_mutex_unlock(&d->lock);
	ret = d->transport->start_queue(q, err);
	if (ret == -ENOTCONN) {
		q->halted = __atomic_compare_exchange_n(
			&q->phase, &running, VBLK_PARKED, false,
			__ATOMIC_RELEASE, __ATOMIC_RELAXED);
		return 0;
	}
	if (ret < 0)
		unlist(d, q);
	return ret;
}

int vblk_queue_init(struct blkioq *bq, struct err *err)
{
	struct vblk_queue *q = to_vblkq(bq);
	struct vblk_dev *d = to_vblk(bq->dev);
	int ret = get_memory(q, d->queue_size, bq->dev->info.max_segments, err);

	q->index = d->next_queue;
	q->phase = VBLK_RUNNING;
	request_fifo_init(&q->held);
	request_fifo_init(&q->again);
	if (ret == 0)
		ret = vblk_queue_make_ring(q, err);
	if (ret == 0)
		ret = start(d, q, err);
	if (ret < 0) {
		free_memory(q);
		return ret;
	}
	d->next_queue++;
	if (!bq->poll)
		bq->completion_fd = q->call_fd;
	return 0;
}

void vblk_queue_exit(struct blkioq *bq)
{
	struct vblk_queue *q = to_vblkq(bq);
	struct vblk_dev *d = to_vblk(bq->dev);

	vblk_settle(q, clock_now_ns() + EXIT_WAIT_NS);
	unlist(d, q);
	d->transport->stop_queue(q);
	free_memory(q);
}
