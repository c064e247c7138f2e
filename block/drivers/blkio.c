/* SPDX-License-Identifier: MIT */
/*
 * The blkio block driver, device half: from the connected instance that
 * instance.c makes of the options to a started one, and its limits. Queues and
 * requests are in blkio_queue.c.
 *
 * Failure at any step destroys the instance; the texts name the step and
 * carry the library's own.
 *
 * Threads: main loop; memory regions on any.
 */
#include "block/drivers/blkio.h"

#include <errno.h>
#include <unistd.h>

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

static int get_region_limits(struct node *node, struct err *err)
{
	struct node_limits *l = &node->limits;
	bool may_pin;
	int ret = get_bool(node->opaque, "needs-mem-regions", &l->needs_regions,
			   err);

	if (ret == 0)
		ret = get_bool(node->opaque, "may-pin-mem-regions", &may_pin,
			       err);
	if (ret == 0)
		ret = get_u64(node->opaque, "mem-region-alignment",
			      &l->region_alignment, err);
	if (ret == 0)
		ret = get_u64(node->opaque, "max-mem-regions", &l->max_regions,
			      err);
	/* who does without regions, but pins them, does so to be faster */
	if (ret == 0)
		l->uses_regions = l->needs_regions || may_pin;
	return ret;
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
	if (ret == 0)
		ret = get_region_limits(node, err);
	node->cheap_flags = fua ? NODE_REQ_FUA : 0;
	atomic_store(&node->size, size);
	return ret;
}

/* Queues, start: from connected on. */
static int start(struct node *node, struct err *err)
{
	int ret = blkio_set_int(node->opaque, "num-queues", node->nr_loops);

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

/* ---- memory regions ---- */

/*
 * What the library allocates begins at a page. Where more is wanted, the
 * allocation is that much longer, and the buffer lies somewhere in it.
 */
static size_t alignment(const struct node *node)
{
	return MAX(node->limits.buf_alignment, node->limits.region_alignment);
}

static size_t slack(const struct node *node)
{
	size_t align = alignment(node);

	return align > (size_t)sysconf(_SC_PAGESIZE) ? align : 0;
}

static int alloc_region(struct node *node, struct node_buffer *buf,
			struct err *err)
{
	struct blkio_mem_region r;
	int ret = blkio_alloc_mem_region(node->opaque, &r,
					 buf->len + slack(node));

	if (ret < 0)
		return instance_error("allocate a memory region", ret, err);
	buf->addr = (void *)ALIGN_UP((uintptr_t)r.addr, alignment(node));
	buf->fd_offset = (char *)buf->addr - (char *)r.addr;
	buf->fd = r.fd;
	return 0;
}

static void free_region(struct node *node, const struct node_buffer *buf)
{
	const struct blkio_mem_region r = {
		.addr = (char *)buf->addr - buf->fd_offset,
		.len = buf->len + slack(node),
		.fd = buf->fd,
	};

	blkio_free_mem_region(node->opaque, &r); /* unmaps it */
}

static struct blkio_mem_region region_of(const struct node_buffer *buf)
{
	return (struct blkio_mem_region){
		.addr = buf->addr,
		.len = buf->len,
		.fd_offset = buf->fd_offset,
		.fd = buf->fd,
	};
}

static int map_region(struct node *node, const struct node_buffer *buf,
		      struct err *err)
{
	const struct blkio_mem_region r = region_of(buf);
	int ret = blkio_map_mem_region(node->opaque, &r);

	return ret < 0 ? instance_error("map a memory region", ret, err) : 0;
}

static void unmap_region(struct node *node, const struct node_buffer *buf)
{
	const struct blkio_mem_region r = region_of(buf);

	blkio_unmap_mem_region(node->opaque, &r);
}

const struct block_driver blkio_block_driver = {
	.open = blkio_open,
	.close = blkio_close,
	.attach = blkio_attach,
	.detach = blkio_detach,
	.get_size = get_size,
	.resize = resize,
	.alloc_region = alloc_region,
	.free_region = free_region,
	.map_region = map_region,
	.unmap_region = unmap_region,
	.co_preadv = blkio_co_preadv,
	.co_pwritev = blkio_co_pwritev,
	.co_write_zeroes = blkio_co_write_zeroes,
	.co_discard = blkio_co_discard,
	.co_flush = blkio_co_flush,
	.co_block_status = blkio_co_block_status,
};
