/* SPDX-License-Identifier: MIT */
/*
 * What the drivers without a device share ("null", "ram"): a size, limits
 * that the user may make up and that are enforced, faults, latency, and the
 * queues that do all this. Such a driver adds what a request does.
 *
 * A limit may be set to a value that makes no sense, so that a layer above
 * can be tested with a driver that lies; values below 1 are not enforced.
 *
 * Requests that break a limit are refused (-EINVAL with text). Beyond the
 * capacity they complete as a disk's would: -EIO, writes -ENOSPC.
 *
 * Threads: control calls under the lock; a queue on its thread. Queues share
 * the count of matches for faults, which is atomic.
 */
#ifndef LIBBLKIO_DRIVERS_SYNTHETIC_H
#define LIBBLKIO_DRIVERS_SYNTHETIC_H

#include "libblkio/driver.h"
#include "libblkio/properties.h"

struct synth_dev;

/* Do r, whose range is valid: its result, >= 0 or -errno. */
typedef int synth_execute(struct synth_dev *d, struct request *r);

struct synth_dev {
	struct blkio base;
	synth_execute *execute;
	bool strict;	     /* set by start: there is more to check than the
				range of a request */
	uint64_t size;	     /* property "size", bytes */
	uint64_t latency_us; /* property; 0: completes in process() */
	int queue_depth;     /* property; 0: no limit */

	/* properties "error-...": which requests fail, and how */
	char *error_op;
	unsigned error_mask; /* the same: 1 << enum request_op */
	int error_errno;
	uint64_t error_after; /* matching requests that pass first */
	uint64_t error_count; /* that fail then; 0: all */
	uint64_t matched;     /* atomic: so far */
};

struct synth_queue {
	struct blkioq base;
	struct request_fifo submitted; /* since the last process() */
	struct request_fifo running;   /* done, latency not over; in order */
	int in_flight;		       /* in both */
	bool timed;	   /* the completion fd is a timerfd */
	int64_t armed_ns; /* what the timerfd is set to; 0: nothing */
};

struct synth_request {
	struct request base;
	int64_t deadline_ns; /* when it completes */
};

static inline struct synth_dev *to_synth(struct blkio *b)
{
	return (struct synth_dev *)b;
}

/* ---- device.c ---- */

int synth_create(struct blkio *b, synth_execute *execute);
int synth_connect(struct blkio *b, struct err *err);
int synth_resize(struct blkio *b, uint64_t size, struct err *err);
int synth_start(struct blkio *b, struct err *err);
void synth_destroy(struct blkio *b);

int synth_set_latency(struct blkio *b, const struct property *p,
		      const union property_value *v, struct err *err);
int synth_set_error_op(struct blkio *b, const struct property *p,
		       const union property_value *v, struct err *err);
int synth_set_error_errno(struct blkio *b, const struct property *p,
			  const union property_value *v, struct err *err);

/* Requests may look at the capacity while a control call changes it. */
static inline uint64_t synth_capacity(const struct synth_dev *d)
{
	return __atomic_load_n(&d->base.info.capacity, __ATOMIC_RELAXED);
}

static inline void synth_set_capacity(struct synth_dev *d, uint64_t size)
{
	__atomic_store_n(&d->base.info.capacity, size, __ATOMIC_RELAXED);
}

/* ---- limits.c ---- */

/*
 * Check r in full. A readv or writev gets its length. Returns 0 (r->ret is
 * not 0 then when it is to complete with that error), or -errno to refuse.
 */
int synth_check(struct blkioq *q, struct request *r);

/* ---- queue.c ---- */

int synth_queue_init(struct blkioq *q, struct err *err);
void synth_queue_exit(struct blkioq *q);
int synth_submit(struct blkioq *q, struct request *r);
int synth_process(struct blkioq *q, unsigned want, bool reap,
		  const struct queue_wait *wait);
void synth_completion_fd_changed(struct blkioq *q);
void synth_signal(struct blkioq *q);

/* ---- what a driver's tables are made of ---- */

#define SYNTH_SETTABLE (DEVICE_CREATED | DEVICE_CONNECTED)

#define SYNTH_PROPERTY(type_, name_, field_, settable_, set_)                  \
	PROPERTY(type_, name_, struct synth_dev, field_, PROPERTY_ALWAYS,      \
		 settable_, set_)

#define SYNTH_PROPERTIES                                                       \
	INSTANCE_PROPERTIES,                          \
	INFO_PROPERTIES(PROPERTY_ALWAYS, PROPERTY_ALWAYS, DEVICE_CREATED),     \
	SYNTH_PROPERTY(UINT64, "size", size, DEVICE_CREATED, NULL),            \
	SYNTH_PROPERTY(UINT64, "latency-us", latency_us, SYNTH_SETTABLE,       \
		       synth_set_latency),                                     \
	SYNTH_PROPERTY(INT, "queue-depth", queue_depth, SYNTH_SETTABLE, NULL), \
	SYNTH_PROPERTY(STR, "error-op", error_op, SYNTH_SETTABLE,              \
		       synth_set_error_op),                                    \
	SYNTH_PROPERTY(INT, "error-errno", error_errno, SYNTH_SETTABLE,        \
		       synth_set_error_errno),                                 \
	SYNTH_PROPERTY(UINT64, "error-after", error_after, SYNTH_SETTABLE,     \
		       NULL),                                                  \
	SYNTH_PROPERTY(UINT64, "error-count", error_count, SYNTH_SETTABLE,     \
		       NULL)

#define SYNTH_QUEUE_SLOTS                                                      \
	.queue_size = sizeof(struct synth_queue),                              \
	.request_size = sizeof(struct synth_request),                          \
	.start = synth_start, .queue_init = synth_queue_init,                  \
	.queue_exit = synth_queue_exit, .submit = synth_submit,                \
	.process = synth_process,                                              \
	.completion_fd_changed = synth_completion_fd_changed,                  \
	.signal = synth_signal

#endif
