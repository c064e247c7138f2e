/* SPDX-License-Identifier: MIT */
/*
 * From one vhost-user server to the next. The link is put down, queues park;
 * then there are attempts, reconnect-ms from one to the next at least, until
 * there is a server that offers what the old one did: it is told of memory and
 * records, and queues are started on it, as they park. What goes wrong on the
 * way is one attempt gone wrong.
 *
 * After reconnect-limit-ms an outage is final. What ends one is a server that
 * completes something, or stays for a while: else one that breaks the protocol
 * as soon as it is asked for something would be tried for ever.
 *
 * Failure modes: there is no such server. Threads: the watcher's. What may
 * take long is outside the instance's lock, and over when that is to end.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "libblkio/drivers/virtio-blk/phases.h"
#include "libblkio/status.h"
#include "util/clock.h"

#define SLICE_NS (100 * NS_PER_MS) /* of connect(2), which can't be ended */
#define STEADY_NS NS_PER_SEC	   /* a link of that age was a good one */

/* ---- an attempt, on a link of its own ---- */

static int connect_link(struct vu_dev *d, struct vu_link *l, struct err *err)
{
	int64_t end_ns =
		MIN(clock_now_ns() + l->timeout_ms * NS_PER_MS, l->deadline_ns);
	int64_t now_ns;
	int ret;

	do {
		now_ns = clock_now_ns();
		ret = vu_channel_connect(&l->ch, d->vblk.base.path,
					 MIN(now_ns + SLICE_NS, end_ns), err);
		if (ret == -ETIMEDOUT &&
		    vu_sleep_until(d, now_ns) == -ECANCELED)
			return -ECANCELED;
	} while (ret == -ETIMEDOUT && now_ns < end_ns);
	l->ch.cancel_fd = d->stop_fd;
	return ret;
}

static int check_counts(const struct vu_dev *d, const struct vu_link *l,
			struct err *err)
{
	unsigned queues = d->vblk.base.info.max_queues;

	if (l->queues >= queues && l->slots >= d->max_regions)
		return 0;
	return err_set(err, EIO,
		       "Backend has come back with %" PRIu64 " queues and "
		       "%" PRIu64 " memory slots, %u and %u wanted",
		       l->queues, l->slots, queues, d->max_regions);
}

static int open_link(struct vu_dev *d, struct vu_link *l, uint64_t *capacity,
		     struct err *err)
{
	uint8_t config[VIRTIO_BLK_CONFIG_LEN];
	int ret = connect_link(d, l, err);

	if (ret == 0)
		ret = vu_link_negotiate(l, d->vblk.features, true, err);
	if (ret == 0)
		ret = check_counts(d, l, err);
	if (ret == 0)
		ret = vu_link_read_config(l, config, sizeof(config), err);
	if (ret == 0)
		ret = vblk_check_successor(&d->vblk, config, sizeof(config),
					   capacity, err);
	return ret;
}

/* ---- the instance's link ---- */

/*
 * Calls that others are in fail now, and let go of the lock. A server that did
 * not hang up may be at work still: then its records are not the next one's.
 */
static void put_down(struct vu_dev *d, bool hung_up)
{
	struct blkio *b = &d->vblk.base;

	shutdown(d->link.ch.fd, SHUT_RDWR);
	vblk_interrupt(&d->vblk);
	pthread_mutex_lock(&b->lock);
	if (d->link.ch.broken)
		hung_up = d->link.ch.hung_up;
	if (!hung_up)
		vu_forget_inflight(d);
	vu_link_close(&d->link);
	status_set_connection(b, BLKIO_CONNECTION_RECONNECTING);
	pthread_mutex_unlock(&b->lock);
}

static int restart_queue(struct vu_dev *d, struct vblk_queue *q,
			 struct err *err)
{
	bool resume = q->incarnation == d->incarnation;
	int ret;

	if (resume && q->vq.broken) {
		/* its records can't be told apart from the others' */
		vu_forget_inflight(d);
		return err_set(err, EPROTO, "queue %u is broken", q->index);
	}
	ret = vblk_restart_queue(q, resume, err);
	if (ret == 0) /* for what there was before its time */
		eventfd_write(q->kick_fd, 1);
	return ret;
}

int vu_restart_queues(struct vu_dev *d, struct err *err)
{
	struct list *queues = &d->vblk.queues;
	struct list_node *n;
	int ret = 0;

	for (n = queues->head.next; n != &queues->head && ret == 0;
	     n = n->next) {
		struct vblk_queue *q = list_entry(n, struct vblk_queue, link);

		if (vblk_phase(q) == VBLK_PARKED)
			ret = restart_queue(d, q, err);
	}
	return ret;
}

/* Under the lock. */
static int put_up(struct vu_dev *d, const struct vu_link *l, uint64_t capacity,
		  struct err *err)
{
	int ret;

	d->link = *l;
	ret = vu_tell_regions(d, err);
	if (ret < 0)
		return ret;
	if (d->vblk.rings.addr)
		vu_tell_inflight(d);
	ret = vu_restart_queues(d, err);
	if (ret < 0)
		return ret;
	d->link.deadline_ns = INT64_MAX;
	vblk_set_capacity(&d->vblk, capacity);
	status_set_connection(&d->vblk.base, BLKIO_CONNECTION_UP);
	return 0;
}

static int attempt(struct vu_dev *d, int64_t deadline_ns, struct err *err)
{
	struct blkio *b = &d->vblk.base;
	struct vu_link l;
	uint64_t capacity;
	int ret;

	vu_link_init(&l, d->timeout_ms);
	l.deadline_ns = deadline_ns;
	ret = open_link(d, &l, &capacity, err);
	if (ret < 0) {
		vu_link_close(&l);
		return ret;
	}
	pthread_mutex_lock(&b->lock);
	ret = put_up(d, &l, capacity, err);
	pthread_mutex_unlock(&b->lock);
	if (ret < 0)
		put_down(d, false);
	return ret;
}

/* ---- outages ---- */

/* Requests that have succeeded. */
static uint64_t progress(struct vu_dev *d)
{
	struct list *queues = &d->vblk.queues;
	uint64_t sum = 0;
	struct list_node *n;

	pthread_mutex_lock(&d->vblk.lock);
	for (n = queues->head.next; n != &queues->head; n = n->next) {
		struct vblk_queue *q = list_entry(n, struct vblk_queue, link);

		for (int op = 0; op < REQUEST_NR_OPS; op++)
			sum += __atomic_load_n(&q->base.stats[op].fetched,
					       __ATOMIC_RELAXED);
		sum -= __atomic_load_n(&q->base.errors, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&d->vblk.lock);
	return sum;
}

/* Returns when it is final. */
static int64_t begin_outage(struct vu_dev *d)
{
	int limit_ms =
		__atomic_load_n(&d->reconnect_limit_ms, __ATOMIC_RELAXED);
	int64_t now_ns = clock_now_ns();
	uint64_t done = progress(d);

	if (d->outage_ns == 0 || now_ns - d->up_ns >= STEADY_NS ||
	    done != d->progress) {
		d->outage_ns = now_ns;
		d->progress = done;
	}
	return limit_ms ? d->outage_ns + limit_ms * NS_PER_MS : INT64_MAX;
}

int vu_reconnect(struct vu_dev *d, bool hung_up)
{
	int64_t interval_ns =
		__atomic_load_n(&d->reconnect_ms, __ATOMIC_RELAXED) * NS_PER_MS;
	int64_t final_ns = begin_outage(d), next_ns;
	int ret;

	put_down(d, hung_up && !vblk_is_abandoned(&d->vblk));
	do {
		next_ns = MIN(d->attempt_ns + interval_ns, final_ns);
		if (vu_sleep_until(d, next_ns) == -ECANCELED)
			return -ECANCELED;
		d->attempt_ns = clock_now_ns();
		if (d->attempt_ns >= final_ns)
			return -ETIMEDOUT;
		ret = attempt(d, final_ns, NULL);
	} while (ret < 0);
	d->up_ns = clock_now_ns();
	return 0;
}
