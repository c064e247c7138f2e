/* SPDX-License-Identifier: MIT */
/*
 * Rows of property tables that drivers share, and the macro for a driver's
 * own rows. What differs between drivers is when a value can be read, so
 * that is a parameter: PROPERTY_ALWAYS or PROPERTY_CONNECTED.
 *
 *	static const struct property foo_props[] = {
 *		INSTANCE_PROPERTIES,
 *		SOURCE_PROPERTIES,
 *		INFO_PROPERTIES(PROPERTY_ALWAYS, PROPERTY_CONNECTED, 0),
 *		PROPERTY(BOOL, "direct", struct foo_dev, direct,
 *			 PROPERTY_ALWAYS, DEVICE_CREATED, NULL),
 *	};
 */
#ifndef LIBBLKIO_PROPERTIES_H
#define LIBBLKIO_PROPERTIES_H

#include "libblkio/driver.h"

union property_value {
	bool b;
	int i;
	uint64_t u;
	const char *s; /* a getter's stays valid while the lock is held */
};

struct property {
	const char *name;
	enum blkio_property_type type;
	unsigned readable; /* set of enum device_state */
	unsigned settable; /* set of enum device_state; 0: read-only */
	/* where the value is in the device structure; used when get (set) is
	 * NULL. A string is a malloc'ed char *, NULL meaning "". */
	size_t offset;
	int (*get)(struct blkio *b, const struct property *p,
		   union property_value *v, struct err *err);
	/* The value has the type already. Checks the range. */
	int (*set)(struct blkio *b, const struct property *p,
		   const union property_value *v, struct err *err);
};

#define PROPERTY_ALWAYS (DEVICE_CREATED | DEVICE_CONNECTED | DEVICE_STARTED)
#define PROPERTY_CONNECTED (DEVICE_CONNECTED | DEVICE_STARTED)

/* A value at a field of the driver's device structure. */
#define PROPERTY(type_, name_, owner_, field_, readable_, settable_, set_)     \
	{                                                                      \
		.name = (name_), .type = BLKIO_PROPERTY_##type_,               \
		.readable = (readable_), .settable = (settable_),              \
		.offset = offsetof(owner_, field_), .set = (set_)              \
	}

#define INFO_PROPERTY(type_, name_, field_, readable_, settable_)              \
	PROPERTY(type_, name_, struct blkio, info.field_, readable_, settable_, \
		 NULL)

int property_get_driver(struct blkio *b, const struct property *p,
			union property_value *v, struct err *err);
int property_get_capacity(struct blkio *b, const struct property *p,
			  union property_value *v, struct err *err);
int property_set_queue_count(struct blkio *b, const struct property *p,
			     const union property_value *v, struct err *err);

/* What every driver has and the core uses. */
#define INSTANCE_PROPERTIES                                                    \
	{ .name = "driver", .type = BLKIO_PROPERTY_STR,                        \
	  .readable = PROPERTY_ALWAYS, .get = property_get_driver },           \
	{ .name = "capacity", .type = BLKIO_PROPERTY_UINT64,                   \
	  .readable = PROPERTY_CONNECTED, .get = property_get_capacity },      \
	PROPERTY(BOOL, "read-only", struct blkio, read_only, PROPERTY_ALWAYS,  \
		 DEVICE_CREATED, NULL),                                        \
	PROPERTY(INT, "num-queues", struct blkio, num_queues, PROPERTY_ALWAYS, \
		 DEVICE_CONNECTED, property_set_queue_count),                  \
	PROPERTY(INT, "num-poll-queues", struct blkio, num_poll_queues,        \
		 PROPERTY_ALWAYS, DEVICE_CONNECTED, property_set_queue_count)

/* Where the device is; "fd" shows the driver's own once connected. */
#define SOURCE_PROPERTIES                                                      \
	PROPERTY(STR, "path", struct blkio, path, PROPERTY_ALWAYS,             \
		 DEVICE_CREATED, NULL),                                        \
	PROPERTY(INT, "fd", struct blkio, fd, PROPERTY_ALWAYS, DEVICE_CREATED, \
		 NULL)

/*
 * The rest of struct device_info. counts_: when max-queues and
 * max-mem-regions can be read; limits_: when alignments and limits can;
 * settable_: 0, but for drivers whose limits are made up.
 */
#define INFO_PROPERTIES(counts_, limits_, settable_)                           \
	INFO_PROPERTY(INT, "max-queues", max_queues, counts_, settable_),      \
	INFO_PROPERTY(UINT64, "max-mem-regions", max_mem_regions, counts_,     \
		      settable_),                                              \
	INFO_PROPERTY(UINT64, "mem-region-alignment", mem_region_alignment,    \
		      limits_, settable_),                                     \
	INFO_PROPERTY(UINT64, "max-write-zeroes-len", max_write_zeroes_len,    \
		      limits_, settable_),                                     \
	INFO_PROPERTY(UINT64, "max-discard-len", max_discard_len, limits_,     \
		      settable_),                                              \
	INFO_PROPERTY(INT, "request-alignment", request_alignment, limits_,    \
		      settable_),                                              \
	INFO_PROPERTY(INT, "optimal-io-alignment", optimal_io_alignment,       \
		      limits_, settable_),                                     \
	INFO_PROPERTY(INT, "optimal-io-size", optimal_io_size, limits_,        \
		      settable_),                                              \
	INFO_PROPERTY(INT, "buf-alignment", buf_alignment, limits_,            \
		      settable_),                                              \
	INFO_PROPERTY(INT, "optimal-buf-alignment", optimal_buf_alignment,     \
		      limits_, settable_),                                     \
	INFO_PROPERTY(INT, "max-segments", max_segments, limits_, settable_),  \
	INFO_PROPERTY(INT, "max-segment-len", max_segment_len, limits_,        \
		      settable_),                                              \
	INFO_PROPERTY(INT, "max-transfer", max_transfer, limits_, settable_),  \
	INFO_PROPERTY(INT, "discard-alignment", discard_alignment, limits_,    \
		      settable_),                                              \
	INFO_PROPERTY(INT, "discard-alignment-offset",                         \
		      discard_alignment_offset, limits_, settable_),           \
	INFO_PROPERTY(BOOL, "can-add-queues", can_add_queues, PROPERTY_ALWAYS, \
		      settable_),                                              \
	INFO_PROPERTY(BOOL, "can-grow", can_grow, PROPERTY_ALWAYS, 0),         \
	INFO_PROPERTY(BOOL, "flush-needed", flush_needed, PROPERTY_ALWAYS,     \
		      settable_),                                              \
	INFO_PROPERTY(BOOL, "supports-fua-natively", supports_fua_natively,    \
		      PROPERTY_ALWAYS, settable_),                             \
	INFO_PROPERTY(BOOL, "supports-poll-queues", supports_poll_queues,      \
		      PROPERTY_ALWAYS, settable_),                             \
	INFO_PROPERTY(BOOL, "may-pin-mem-regions", may_pin_mem_regions,        \
		      PROPERTY_ALWAYS, settable_),                             \
	INFO_PROPERTY(BOOL, "needs-mem-regions", needs_mem_regions,            \
		      PROPERTY_ALWAYS, settable_),                             \
	INFO_PROPERTY(BOOL, "needs-mem-region-fd", needs_mem_region_fd,        \
		      PROPERTY_ALWAYS, settable_)

#endif
