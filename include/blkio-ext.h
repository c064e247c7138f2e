/* SPDX-License-Identifier: MIT */
/*
 * blkio-ext.h - what sluice's libblkio offers beyond libblkio 1.5.0.
 *
 * The same conventions as <blkio.h>. A driver that can't do something
 * answers -ENOTSUP. BLKIO_EXT_VERSION grows with each addition; nothing is
 * ever taken away within libblkio.so.1.
 */
#ifndef BLKIO_EXT_H
#define BLKIO_EXT_H

#include <blkio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BLKIO_EXT_VERSION 1

/* ---- block status ---- */

enum {
	BLKIO_EXTENT_ZERO = 1 << 0, /* reads as zeroes */
	BLKIO_EXTENT_HOLE = 1 << 1, /* no space holds data, though some may be
				       kept for it */
};

/* A run of bytes in one state; flags 0 is allocated data. */
struct blkio_extent {
	uint64_t len;	/* bytes, > 0 */
	uint32_t flags; /* BLKIO_EXTENT_* */
	uint32_t reserved_;
};

/*
 * Report the state of [start, start + len) as up to max_extents runs that
 * follow each other from start on. The completion's ret is the number of
 * runs stored (at least 1 unless len is 0); together they cover len bytes or
 * fewer: ask again from where they end. Where a driver can't tell, all is
 * data. Takes no flags. Completions with ret < 0:
 *   -EINVAL   max_extents 0, flags set, or a range that can't be read; where
 *             can-grow is true, what is beyond the capacity is a hole
 *   -EFAULT   extents is NULL
 *   -ENOTSUP  the driver has no block status, or not on poll queues
 *   -EIO      the device failed
 */
void blkioq_block_status(struct blkioq *q, uint64_t start, uint64_t len,
			 struct blkio_extent *extents, uint32_t max_extents,
			 void *user_data, uint32_t flags);

/* ---- identity ---- */

#define BLKIO_ID_LEN 21 /* bytes, the terminating NUL among them */

/*
 * Ask the device for its serial number, or what else it calls itself, and
 * store that in the BLKIO_ID_LEN bytes at id: a string, "" if it has none, of
 * whatever bytes the device likes. Takes no flags. On failure id is left
 * alone. Completions with ret < 0:
 *   -EINVAL   flags set
 *   -EFAULT   id is NULL
 *   -ENOTSUP  the driver can't ask, or the device doesn't know
 *   -EIO      the device failed
 */
void blkioq_get_id(struct blkioq *q, char *id, void *user_data, uint32_t flags);

/* ---- memory ---- */

/*
 * Make sure that nr_requests can be outstanding on q (from submission until
 * their completions are fetched) without memory being needed for that.
 * Beyond, memory is allocated as requests come; where there is none, some
 * complete with -ENOMEM, and in the end blkioq_do_io() returns -ENOMEM for
 * requests that it could not keep. On the queue's thread. 0, or
 *   -ENOMEM   nothing has changed
 */
int blkioq_reserve(struct blkioq *q, unsigned nr_requests);

/* ---- statistics ---- */

/*
 * What a queue has done since it was made. Requests count when their
 * completion is fetched, those that failed among them.
 */
struct blkio_queue_stats {
	uint64_t reads;
	uint64_t writes;
	uint64_t write_zeroes;
	uint64_t discards;
	uint64_t flushes;
	uint64_t others;	  /* block status, get-id, zones */
	uint64_t read_bytes;	  /* of reads that succeeded */
	uint64_t write_bytes;	  /* of writes that succeeded */
	uint64_t errors;	  /* completions with ret < 0 */
	uint64_t max_outstanding; /* the most that were submitted and not yet
				     fetched when blkioq_do_io() was called */
	uint64_t reserved_[6];	  /* 0 */
};

/*
 * Store q's statistics. Any thread, while q is not being removed: numbers
 * then belong to moments close to each other.
 */
void blkioq_get_stats(struct blkioq *q, struct blkio_queue_stats *stats);

/* ---- size and connection ---- */

/*
 * Change the capacity of a connected device to size bytes. New bytes read as
 * zeroes. Requests beyond a smaller size must not be in flight. May block.
 *   -ENODEV   not connected
 *   -ENOTSUP  the device has a fixed size
 *   -EACCES   opened read-only
 *   -EINVAL   size is not a multiple of request-alignment, or too large
 */
int blkio_resize(struct blkio *b, uint64_t size);

enum blkio_connection {
	BLKIO_CONNECTION_NONE,	       /* before blkio_connect() */
	BLKIO_CONNECTION_UP,	       /* requests reach the device */
	BLKIO_CONNECTION_RECONNECTING, /* requests wait for it to come back */
	BLKIO_CONNECTION_LOST,	       /* requests fail */
};

struct blkio_status {
	uint64_t capacity;     /* bytes; 0 before blkio_connect() */
	uint32_t connection;   /* enum blkio_connection */
	uint32_t changes;      /* of either one; modulo 2^32 */
	uint64_t reserved_[6]; /* 0 */
};

/*
 * What the event fd is about. Any thread, any state. 0, or -errno where the
 * device can't be asked for its size.
 */
int blkio_get_status(struct blkio *b, struct blkio_status *status);

/*
 * An eventfd (non-blocking, close-on-exec) that becomes readable when the
 * capacity or the connection has changed in a way that the library learns
 * of: through blkio_resize(), by asking for the size (blkio_get_status() or
 * the property "capacity"), from a device that announces it. Read 8 bytes,
 * then blkio_get_status(). Made by the first call and the same from then on;
 * owned by the instance. Any state.
 *   -EMFILE, -ENFILE, -ENOMEM
 */
int blkio_get_event_fd(struct blkio *b);

/* ---- what there is ---- */

/*
 * The names of the drivers in this build, sorted, in *names (static).
 * Returns how many.
 */
int blkio_list_drivers(const char *const **names);

enum blkio_property_type {
	BLKIO_PROPERTY_BOOL,
	BLKIO_PROPERTY_INT,
	BLKIO_PROPERTY_UINT64,
	BLKIO_PROPERTY_STR,
};

enum {
	BLKIO_STATE_CREATED = 1 << 0,
	BLKIO_STATE_CONNECTED = 1 << 1,
	BLKIO_STATE_STARTED = 1 << 2,
};

struct blkio_property {
	const char *name; /* static */
	enum blkio_property_type type;
	uint32_t readable; /* states: BLKIO_STATE_* */
	uint32_t settable; /* states: BLKIO_STATE_*; 0: read-only */
};

/*
 * Store the instance's properties, at most max of them, sorted by name.
 * Returns how many there are.
 */
int blkio_list_properties(struct blkio *b, struct blkio_property *properties,
			  int max);

#ifdef __cplusplus
}
#endif

#endif /* BLKIO_EXT_H */
