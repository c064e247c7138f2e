/* SPDX-License-Identifier: MIT */
/*
 * What a libblkio driver implements, and what the core gives it.
 *
 * The public handles are the base structures: a driver's device embeds
 * struct blkio first, its queue struct blkioq, its request struct request.
 * The core owns states, argument and flag checks, properties, memory
 * regions, request slots, backlog and completion order; a driver turns one
 * request at a time into device work and reports what has completed.
 * Unset slots of the table are overlaid with stubs that answer -ENOTSUP.
 *
 * Threads: control slots run under the instance's lock, on any thread.
 * Queue slots run on the thread that uses the queue, without locks.
 */
#ifndef LIBBLKIO_DRIVER_H
#define LIBBLKIO_DRIVER_H

#include <pthread.h>

#include <blkio-ext.h>

#include "util/err.h"
#include "libblkio/request.h"

struct property;      /* properties.h */
struct region_table;  /* regions.h */
struct mapped_region; /* regions.h */

enum device_state {
	DEVICE_CREATED = 1 << 0,
	DEVICE_CONNECTED = 1 << 1,
	DEVICE_STARTED = 1 << 2,
};

/* ---- instance ---- */

/*
 * What the read-only properties show. create() fills in what holds before a
 * connection, connect() the truth. Units are bytes unless said otherwise.
 */
struct device_info {
	uint64_t capacity;
	uint64_t max_mem_regions;
	uint64_t mem_region_alignment;
	uint64_t max_write_zeroes_len; /* 0: no limit */
	uint64_t max_discard_len;      /* 0: no limit */
	int max_queues;
	int request_alignment;
	int optimal_io_alignment;
	int optimal_io_size; /* 0: not known */
	int buf_alignment;
	int optimal_buf_alignment;
	int max_segments;
	int max_segment_len; /* 0: no limit */
	int max_transfer;    /* 0: no limit */
	int discard_alignment;
	int discard_alignment_offset;
	bool can_add_queues;
	bool can_grow; /* a write may go past the capacity */
	bool flush_needed;
	bool supports_fua_natively;
	bool supports_poll_queues;
	bool may_pin_mem_regions;
	bool needs_mem_regions;
	bool needs_mem_region_fd;
};

/* Slots of a queue table; a hole is a removed queue. */
struct queue_table {
	struct blkioq **slots;
	int nr_slots;
};

struct blkio {
	const struct driver *drv;
	pid_t pid;	      /* of the process that made it */
	pthread_mutex_t lock; /* control calls, and all below */
	enum device_state state;
	struct device_info info;
	char *path;	     /* property "path"; NULL: unset */
	int fd;		     /* property "fd"; -1: unset. After connect the
				driver's, if it opens one */
	bool read_only;	     /* property "read-only" */
	int num_queues;	     /* property "num-queues": made by start */
	int num_poll_queues; /* property "num-poll-queues" */
	struct queue_table queues, poll_queues;
	struct regions *regions;     /* allocated: regions.h */
	struct region_table *mapped; /* never NULL; queues load it atomically */
	uint64_t last_region_id;
	int event_fd;		/* -1: not asked for yet; status.h */
	uint64_t last_capacity; /* bytes, as last learned */
	enum blkio_connection connection;
	uint32_t changes; /* of the two above */
};

/* ---- queue ---- */

/* A wait's bounds; all unset means until something completes. */
struct queue_wait {
	int64_t deadline_ns; /* CLOCK_MONOTONIC; INT64_MAX: none */
	const sigset_t *sig; /* mask while waiting, or NULL */
	bool interruptible;  /* return -EINTR on a signal, else wait on */
};

struct blkioq {
	struct blkio *dev;
	struct region_table *regions; /* a reference; maybe no longer current */
	const struct mapped_region *last_region; /* of it, found last; or NULL */
	int (*submit)(struct blkioq *q, struct request *r); /* the driver's */
	int (*do_io)(struct blkioq *q, struct blkio_completion *completions,
		     unsigned min, unsigned max); /* the driver's */
	struct request_pool pool;
	struct request_fifo backlog; /* waiting for room in the driver */
	struct request_fifo failed;  /* refused at submission: come first */
	struct request_fifo done;    /* completed, not yet fetched */
	unsigned outstanding;	     /* submitted and not yet fetched */
	unsigned ready;		     /* of those, in failed and done */
	unsigned nr_backlog;	     /* of those, in backlog */
	unsigned lost;	   /* had no memory at all; told by the next do_io */
	int completion_fd; /* made by queue_init, closed by queue_exit; or -1 */
	bool completion_fd_enabled; /* as last asked for by the user */
	bool poll;
	/* statistics: written by the queue's thread, read by any */
	struct op_stats {
		uint64_t fetched; /* completions */
		uint64_t bytes;	  /* of those that succeeded */
	} stats[REQUEST_NR_OPS];
	uint64_t errors;
	unsigned max_outstanding;
};

/* ---- the table ---- */

struct driver {
	const char *name; /* as blkio_create() takes it */
	const struct property *props;
	int nr_props;
	size_t device_size;  /* bytes of the device structure */
	size_t queue_size;   /* bytes of the queue structure */
	size_t request_size; /* bytes of the request structure */

	/* All zero but the base on entry; sets defaults. 0 or -errno. */
	int (*create)(struct blkio *b, struct err *err);
	/*
	 * Open the device. Success: the device owns b->fd, b->info is true.
	 * Failure: everything is as before the call, b->fd still the caller's.
	 */
	int (*connect)(struct blkio *b, struct err *err);
	/*
	 * Before the queues are made; may be unset. Called again when a queue
	 * could not be made and the user retries.
	 */
	int (*start)(struct blkio *b, struct err *err);
	/*
	 * Queues are about to go, then destroy() comes: what runs beside must
	 * not start anything on them any more. Without the lock.
	 */
	void (*close_begins)(struct blkio *b);
	/* Close and free what create and connect made. Queues are gone. */
	void (*destroy)(struct blkio *b);

	/* Before requests may use r, and after they no longer do. */
	int (*map_region)(struct blkio *b, const struct mapped_region *r,
			  struct err *err);
	void (*unmap_region)(struct blkio *b, const struct mapped_region *r);
	int (*resize)(struct blkio *b, uint64_t size, struct err *err);
	/* Where info.capacity isn't always the truth. */
	int (*get_capacity)(struct blkio *b, uint64_t *bytes, struct err *err);
	/* Somebody waits for changes of status: there is an event fd now. */
	void (*event_fd_made)(struct blkio *b);

	/*
	 * Set up q (the base is, q->poll says which kind) with a completion fd:
	 * an eventfd, or another fd that reads 8 bytes. Under the lock.
	 */
	int (*queue_init)(struct blkioq *q, struct err *err);
	/* Let requests in flight finish (bounded), then free. */
	void (*queue_exit)(struct blkioq *q);

	/*
	 * Take one request. The core has checked flags and iovcnt >= 0. For
	 * READV and WRITEV the driver sets r->len.
	 *   0        taken; request_done() will be called for it, from
	 *            process() (or right here when it is complete already)
	 *   -EAGAIN  no room now: the core keeps it and tries again after the
	 *            next process(). Only when something is in flight on q.
	 *   other    refused; r->error_msg may be set
	 */
	int (*submit)(struct blkioq *q, struct request *r);

	/*
	 * Hand all submitted requests to the device and call request_done()
	 * for what has completed. If want > 0, wait until at least one more
	 * has (want is how many the caller waits for: a hint to wait once);
	 * 0 or
	 *   -ETIME, -EINTR   the wait ended so
	 *   other            the queue is broken; told to the caller of do_io
	 * With reap false, only hand over (want is 0).
	 */
	int (*process)(struct blkioq *q, unsigned want, bool reap,
		       const struct queue_wait *wait);

	/*
	 * The usual blkioq_do_io() in one go: min is 0 or 1, the wait has no
	 * bounds, nothing is ready or in the backlog. Returns the completions
	 * stored with queue_store(), or what queue_do_io_rest() returns for all
	 * that is not usual. Unset: that alone.
	 */
	int (*do_io)(struct blkioq *q, struct blkio_completion *completions,
		     unsigned min, unsigned max);

	/* q->completion_fd_enabled has changed. */
	void (*completion_fd_changed)(struct blkioq *q);

	/*
	 * Make the completion fd readable, enabled or not. Unset: write to
	 * an eventfd.
	 */
	void (*signal)(struct blkioq *q);
};

/* ---- from the core ---- */

/* A taken request is complete. r must not be touched afterwards. */
static inline void request_done(struct blkioq *q, struct request *r, int ret)
{
	r->ret = ret;
	request_fifo_push(&q->done, r);
	q->ready++;
}

/* Make the completion fd readable, enabled or not. No-op on a poll queue. */
void queue_signal(struct blkioq *q);

/* A driver's registration; drivers/registry.c lists them. */
extern const struct driver *const drivers[];
extern const int nr_drivers;

#endif
