/* SPDX-License-Identifier: MIT */
/*
 * The blkio block driver, device half: from the connected instance that
 * instance.c makes of the options to a started one, and its limits. Queues and
 * requests are in blkio_queue.c.
 *
 * Failure at any step destroys the instance; the texts name the step and
 * carry the library's own. A device that needs memory regions is refused
 * here until the bounce pool is there (no driver of this build does).
 *
 * Threads: main loop.
 */
#include "block/drivers/blkio.h"

#include <errno.h>

#include "block/instance.h"

static int get_failed(const char *name, int ret, struct err *err)
{
	return err_set(err, -ret, "failed to get %s: %s", name,
		       blkio_get_error_msg());
}

/* An int property that can't be negative */
static int get_u32(struct blkio *b, const char *name, uint32_t *value,
		   struct err *err)
{
	int v, ret = blkio_get_int(b, name, &v);

	if (ret < 0)
		return get_failed(name, ret, err);
	if (v < 0)
		return err_set(err, EINVAL,
			       "invalid %s value %d, must not be "
			       "negative",
			       name, v);
	*value = (uint32_t)v;
	return 0;
}

static int get_u64(struct blkio *b, const char *name, uint64_t *value,
		   struct err *err)
{
	int ret = blkio_get_uint64(b, name, value);

	return ret < 0 ? get_failed(name, ret, err) : 0;
}

static int get_bool(struct blkio *b, const char *name, bool *value,
		    struct err *err)
{
	int ret = blkio_get_bool(b, name, value);

	return ret < 0 ? get_failed(name, ret, err) : 0;
}

static int get_limits(struct node *node, struct err *err)
{
	struct node_limits *l = &node->limits;
	const struct {
		const char *name;
		uint32_t *value;
	} ints[] = {
		{"request-alignment", &l->request_alignment},
		{"buf-alignment", &l->buf_alignment},
		{"optimal-buf-alignment", &l->optimal_buf_alignment},
		{"optimal-io-alignment", &l->optimal_io_alignment},
		{"optimal-io-size", &l->optimal_io_size},
		{"max-transfer", &l->max_transfer},
		{"max-segments", &l->max_segments},
		{"max-segment-len", &l->max_segment_len},
		{"discard-alignment", &l->discard_alignment},
		{"discard-alignment-offset", &l->discard_alignment_offset},
	};
	uint64_t size = 0;
	bool fua = false;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(ints); i++)
		ret = get_u32(node->opaque, ints[i].name, ints[i].value, err);
	if (ret == 0)
		ret = get_u64(node->opaque, "max-write-zeroes-len",
			      &l->max_write_zeroes_len, err);
	if (ret == 0)
		ret = get_u64(node->opaque, "max-discard-len",
			      &l->max_discard_len, err);
	if (ret == 0)
		ret = get_u64(node->opaque, "capacity", &size, err);
	if (ret == 0)
		ret = get_bool(node->opaque, "supports-fua-natively", &fua,
			       err);
	node->cheap_flags = fua ? NODE_REQ_FUA : 0;
	atomic_store(&node->size, size);
	return ret;
}

/* Memory regions, queues, start: from connected on. */
static int start(struct node *node, struct err *err)
{
	bool needs_regions = false;
	int ret = get_bool(node->opaque, "needs-mem-regions", &needs_regions,
			   err);

	if (ret < 0)
		return ret;
	if (needs_regions)
		return err_set(err, ENOTSUP,
			       "driver '%s' needs memory "
			       "regions, which the block layer has not yet",
			       node->driver_name);
	ret = blkio_set_int(node->opaque, "num-queues", node->nr_loops);
	if (ret < 0)
		return instance_error("failed to set num-queues", ret, err);
	ret = blkio_start(node->opaque);
	if (ret < 0)
		return instance_error("blkio_start failed", ret, err);
	return get_limits(node, err);
}

static int blkio_open(struct node *node, struct options *opts, struct err *err)
{
	struct blkio *b;
	int ret = instance_connect(opts, &b, err);

	if (ret < 0)
		return ret;
	node->opaque = b;
	ret = start(node, err);
	if (ret < 0)
		blkio_destroy(&b);
	return ret;
}

static void blkio_close(struct node *node)
{
	struct blkio *b = node->opaque;

	blkio_destroy(&b);
}

static int get_size(const struct node *node, uint64_t *bytes, struct err *err)
{
	return get_u64(node->opaque, "capacity", bytes, err);
}

static int resize(struct node *node, uint64_t bytes, struct err *err)
{
	int ret = blkio_resize(node->opaque, bytes);

	return ret < 0 ? instance_error("resize", ret, err) : 0;
}

const struct block_driver blkio_block_driver = {
	.open = blkio_open,
	.close = blkio_close,
	.attach = blkio_attach,
	.detach = blkio_detach,
	.get_size = get_size,
	.resize = resize,
	.co_preadv = blkio_co_preadv,
	.co_pwritev = blkio_co_pwritev,
	.co_write_zeroes = blkio_co_write_zeroes,
	.co_discard = blkio_co_discard,
	.co_flush = blkio_co_flush,
	.co_block_status = blkio_co_block_status,
};
