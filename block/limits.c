/* SPDX-License-Identifier: MIT */
/*
 * Device limits: checked where they enter, so that the request path can
 * trust them. A device that lies about its limits is refused at open, with
 * the name, the value and the rule in the text.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "block/node_int.h"

#define BOUNCE_GRANULE 4096u /* bytes, or what buffers are aligned to */
static_assert(NODE_BOUNCE_MAX / BOUNCE_GRANULE <= ARENA_TAKE_MAX, "too many");

#define ALIGNMENT_MAX (1u << 20)

static int check_power_of_two(const char *name, uint64_t value, uint32_t max,
			      struct err *err)
{
	if (!IS_POWER_OF_TWO(value) || value > max)
		return err_set(err, EINVAL,
			       "invalid %s value %" PRIu64 ", must be a power "
			       "of two up to %" PRIu32,
			       name, value, max);
	return 0;
}

static int check_multiple(const char *name, uint64_t value, uint32_t of,
			  struct err *err)
{
	if (value % of)
		return err_set(err, EINVAL,
			       "invalid %s value %" PRIu64 ", must be a "
			       "multiple of request-alignment %" PRIu32,
			       name, value, of);
	return 0;
}

static int check(const struct node_limits *l, struct err *err)
{
	uint32_t align = l->request_alignment;
	int ret;

	ret = check_power_of_two("request-alignment", align, ALIGNMENT_MAX,
				 err);
	if (ret == 0)
		ret = check_power_of_two("buf-alignment", l->buf_alignment,
					 ALIGNMENT_MAX, err);
	if (ret == 0)
		ret = check_power_of_two("optimal-buf-alignment",
					 l->optimal_buf_alignment, INT_MAX,
					 err);
	if (ret == 0)
		ret = check_multiple("optimal-io-size", l->optimal_io_size,
				     align, err);
	if (ret == 0)
		ret = check_multiple("max-transfer", l->max_transfer, align,
				     err);
	if (ret == 0)
		ret = check_multiple("discard-alignment", l->discard_alignment,
				     align, err);
	if (ret < 0)
		return ret;
	if (l->max_segments < 1)
		return err_set(err, EINVAL,
			       "invalid max-segments value %" PRIu32
			       ", must be at least 1",
			       l->max_segments);
	/* shorter segments could not carry a single aligned request */
	if (l->max_segment_len && l->max_segment_len < align)
		return err_set(err, EINVAL,
			       "invalid max-segment-len value %" PRIu32
			       ", must be at least request-alignment %" PRIu32,
			       l->max_segment_len, align);
	return 0;
}

/* Requests copy through a pool for each loop, which takes a region. */
static int check_regions(const struct node *node, struct err *err)
{
	const struct node_limits *l = &node->limits;
	int ret;

	ret = check_power_of_two("mem-region-alignment", l->region_alignment,
				 ALIGNMENT_MAX, err);
	if (ret < 0)
		return ret;
	if (l->needs_regions && l->max_regions < (unsigned)node->nr_loops)
		return err_set(err, EINVAL,
			       "invalid max-mem-regions value %" PRIu64
			       ", must be at least num-queues %d",
			       l->max_regions, node->nr_loops);
	return 0;
}

/* 0 (no limit) becomes max; the result is a multiple of align, not 0. */
static uint32_t effective(uint32_t limit, uint32_t max, uint32_t align)
{
	return ALIGN_DOWN(limit ? MIN(limit, max) : max, align);
}

int node_limits_apply(struct node *node, struct err *err)
{
	struct node_limits *l = &node->limits;
	uint64_t size = atomic_load(&node->size);
	int ret;

	/* a device that discards less than a block at a time discards blocks */
	l->discard_alignment = MAX(l->discard_alignment, l->request_alignment);
	if (!l->uses_regions)
		l->region_alignment = 1;
	ret = check(l, err);
	if (ret == 0)
		ret = check_regions(node, err);
	if (ret < 0)
		return ret;
	if (!node->read_only && size % l->request_alignment)
		return err_set(err, EINVAL,
			       "size %" PRIu64 " is not a "
			       "multiple of request-alignment %" PRIu32
			       ": open it read-only or with cache.direct=off",
			       size, l->request_alignment);
	if (size > INT64_MAX)
		return err_set(err, EFBIG,
			       "size %" PRIu64 " is beyond "
			       "what offsets can address",
			       size);
	node->align_mask = l->request_alignment - 1;
	node->buf_mask = l->buf_alignment - 1;
	node->max_transfer = effective(l->max_transfer, NODE_MAX_TRANSFER,
				       l->request_alignment);
	node->max_segment = effective(l->max_segment_len, NODE_MAX_TRANSFER,
				      l->request_alignment);
	node->max_bounce = MIN(node->max_transfer, node->max_segment);
	node->max_bounce = MIN(node->max_bounce, NODE_BOUNCE_MAX);
	node->bounce_granule = MAX(l->buf_alignment, BOUNCE_GRANULE);
	node->zero_alignment = l->request_alignment;
	if (IS_POWER_OF_TWO(l->optimal_io_alignment))
		node->zero_alignment =
			MAX(l->request_alignment, l->optimal_io_alignment);
	return 0;
}
