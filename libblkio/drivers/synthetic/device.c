/* SPDX-License-Identifier: MIT */
/*
 * The common part of a synthetic device: defaults, and the properties that
 * are more than a field. Thread rule: under the instance's lock.
 */
#include "libblkio/drivers/synthetic/synthetic.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SIZE (UINT64_C(1) << 30)
#define MAX_QUEUES 1024 /* each takes memory, and poll queues nothing else */
#define MAX_ERRNO 4095	/* the kernel's, too */
#define MAX_LATENCY_US UINT64_C(3600000000) /* an hour */

int synth_create(struct blkio *b, synth_execute *execute)
{
	struct synth_dev *d = to_synth(b);

	d->execute = execute;
	d->size = DEFAULT_SIZE;
	d->error_errno = EIO;
	b->info = (struct device_info){
		.max_mem_regions = UINT64_MAX,
		.mem_region_alignment = 1,
		.max_queues = MAX_QUEUES,
		.request_alignment = 1,
		.optimal_io_alignment = 4096,
		.buf_alignment = 1,
		.optimal_buf_alignment = 1,
		.max_segments = IOV_MAX,
		.discard_alignment = 1,
		.can_add_queues = true,
		.supports_fua_natively = true,
		.supports_poll_queues = true,
	};
	return 0;
}

int synth_resize(struct blkio *b, uint64_t size, struct err *err)
{
	if (size > INT64_MAX)
		return err_set(err, EINVAL,
			       "size %" PRIu64 " is larger than "
			       "%" PRId64,
			       size, INT64_MAX);
	synth_set_capacity(to_synth(b), size);
	return 0;
}

int synth_connect(struct blkio *b, struct err *err)
{
	return synth_resize(b, to_synth(b)->size, err);
}

/* Some limit, or something else, concerns requests. */
static bool is_strict(const struct synth_dev *d)
{
	const struct device_info *info = &d->base.info;

	return d->base.read_only || d->queue_depth > 0 || d->error_mask ||
	       info->needs_mem_regions || info->request_alignment > 1 ||
	       info->buf_alignment > 1 || info->max_segment_len > 0 ||
	       info->max_transfer > 0;
}

int synth_start(struct blkio *b, struct err *err)
{
	struct synth_dev *d = to_synth(b);

	d->strict = is_strict(d);
	return 0;
}

void synth_destroy(struct blkio *b)
{
	free(to_synth(b)->error_op);
}

int synth_set_latency(struct blkio *b, const struct property *p,
		      const union property_value *v, struct err *err)
{
	if (v->u > MAX_LATENCY_US)
		return err_set(err, EINVAL,
			       "%s=%" PRIu64 ": must be at most "
			       "%" PRIu64,
			       p->name, v->u, MAX_LATENCY_US);
	to_synth(b)->latency_us = v->u;
	return 0;
}

/* ---- faults ---- */

static const struct {
	const char *name;
	unsigned mask;
} error_ops[] = {
	{"", 0},
	{"any", ~0u},
	{"read", 1 << REQUEST_READ | 1 << REQUEST_READV},
	{"write", 1 << REQUEST_WRITE | 1 << REQUEST_WRITEV},
	{"write-zeroes", 1 << REQUEST_WRITE_ZEROES},
	{"discard", 1 << REQUEST_DISCARD},
	{"flush", 1 << REQUEST_FLUSH},
	{"block-status", 1 << REQUEST_BLOCK_STATUS},
};

int synth_set_error_op(struct blkio *b, const struct property *p,
		       const union property_value *v, struct err *err)
{
	struct synth_dev *d = to_synth(b);
	char *copy;

	for (size_t i = 0; i < ARRAY_SIZE(error_ops); i++) {
		if (strcmp(error_ops[i].name, v->s) != 0)
			continue;
		copy = strdup(v->s);
		if (!copy)
			return err_set(err, ENOMEM, "Out of memory");
		free(d->error_op);
		d->error_op = copy;
		d->error_mask = error_ops[i].mask;
		return 0;
	}
	return err_set(err, EINVAL,
		       "%s=%s: must be empty, any, read, write, "
		       "write-zeroes, discard, flush or block-status",
		       p->name, v->s);
}

int synth_set_error_errno(struct blkio *b, const struct property *p,
			  const union property_value *v, struct err *err)
{
	if (v->i < 1 || v->i > MAX_ERRNO)
		return err_set(err, EINVAL, "%s=%d: must be from 1 to %d",
			       p->name, v->i, MAX_ERRNO);
	to_synth(b)->error_errno = v->i;
	return 0;
}
