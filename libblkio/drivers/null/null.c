/* SPDX-License-Identifier: MIT */
/*
 * null driver: a device that moves no data. For tests (limits, faults and
 * latency by property: see synthetic.h) and to measure what is above it.
 *
 * Reads leave the buffer as it is, so it must not be given to anybody who
 * may not see what the buffer held. Block status says data everywhere.
 */
#include "libblkio/drivers/synthetic/synthetic.h"

static int null_execute(struct synth_dev *d, struct request *r)
{
	if (likely(r->op != REQUEST_BLOCK_STATUS || r->len == 0))
		return 0;
	r->extents[0] = (struct blkio_extent){.len = r->len};
	return 1;
}

static int null_create(struct blkio *b, struct err *err)
{
	return synth_create(b, null_execute);
}

static const struct property null_props[] = {SYNTH_PROPERTIES};

const struct driver null_driver = {
	.name = "null",
	.props = null_props,
	.nr_props = ARRAY_SIZE(null_props),
	.device_size = sizeof(struct synth_dev),
	.create = null_create,
	.connect = synth_connect,
	.destroy = synth_destroy,
	.resize = synth_resize,
	SYNTH_QUEUE_SLOTS,
};
