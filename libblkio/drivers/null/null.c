/* SPDX-License-Identifier: MIT */
/*
 * null driver: a device that stores nothing. For tests (limits, faults and
 * latency by property: see synthetic.h) and to measure what is above it.
 *
 * Everything reads as zeroes. With the property read-zeroes=false a read
 * leaves the buffer as it is, which costs nothing, and must not be given to
 * anybody who may not see what the buffer held.
 */
#include <string.h>

#include "libblkio/drivers/synthetic/synthetic.h"
#include "util/iov.h"

struct null_dev {
	struct synth_dev synth;
	bool read_zeroes; /* property */
};

static int null_execute(struct synth_dev *d, struct request *r)
{
	const bool zeroes = ((struct null_dev *)d)->read_zeroes;

	if (r->op == REQUEST_BLOCK_STATUS && r->len > 0) {
		r->extents[0] = (struct blkio_extent){
			.len = r->len,
			.flags = zeroes ? BLKIO_EXTENT_ZERO : 0,
		};
		return 1;
	}
	if (zeroes && r->op == REQUEST_READ && r->len > 0)
		memset(r->buf, 0, r->len);
	else if (zeroes && r->op == REQUEST_READV)
		iov_zero(r->iov, (int)r->count, 0, r->len);
	return 0;
}

static int null_create(struct blkio *b, struct err *err)
{
	((struct null_dev *)b)->read_zeroes = true;
	return synth_create(b, null_execute);
}

static const struct property null_props[] = {
	SYNTH_PROPERTIES,
	PROPERTY(BOOL, "read-zeroes", struct null_dev, read_zeroes,
		 PROPERTY_ALWAYS, DEVICE_CREATED, NULL),
};

const struct driver null_driver = {
	.name = "null",
	.props = null_props,
	.nr_props = ARRAY_SIZE(null_props),
	.device_size = sizeof(struct null_dev),
	.create = null_create,
	.connect = synth_connect,
	.destroy = synth_destroy,
	.resize = synth_resize,
	SYNTH_QUEUE_SLOTS,
};
