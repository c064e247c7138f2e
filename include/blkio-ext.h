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
	BLKIO_EXTENT_HOLE = 1 << 1, /* no space is allocated */
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
 *   -ENOTSUP  the driver has no block status, or a poll queue
 *   -EIO      the device failed
 */
void blkioq_block_status(struct blkioq *q, uint64_t start, uint64_t len,
			 struct blkio_extent *extents, uint32_t max_extents,
			 void *user_data, uint32_t flags);

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

/* ---- size ---- */

/*
 * Change the capacity of a connected device to size bytes. New bytes read as
 * zeroes. Requests beyond a smaller size must not be in flight. May block.
 *   -ENODEV   not connected
 *   -ENOTSUP  the device has a fixed size
 *   -EACCES   opened read-only
 *   -EINVAL   size is not a multiple of request-alignment, or too large
 */
int blkio_resize(struct blkio *b, uint64_t size);

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
	BLKIO_SETTABLE_CREATED = 1 << 0,
	BLKIO_SETTABLE_CONNECTED = 1 << 1,
};

struct blkio_property {
	const char *name; /* static */
	enum blkio_property_type type;
	uint32_t settable; /* BLKIO_SETTABLE_*; 0: read-only */
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
