/* SPDX-License-Identifier: MIT */
/*
 * The blkio block driver, device half: options to properties, the way up to
 * a started instance, limits. Queues and requests are in blkio_queue.c.
 *
 * Failure at any step destroys the instance; the texts name the step and
 * carry the library's own. A device that needs memory regions is refused
 * here until the bounce pool is there (no driver of this build does).
 *
 * Threads: main loop.
 */
#include "block/drivers/blkio.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/options.h"
#include "util/size.h"

/* More properties, or options, than any driver has */
#define MAX_PROPERTIES 128

/* Options that go to the driver as properties; the texts are the options' */
struct handed_on {
	const char *keys[MAX_PROPERTIES];
	const char *values[MAX_PROPERTIES];
	int nr;
};

static int set_failed(const char *name, int ret, struct err *err)
{
	return err_set(err, -ret, "failed to set %s: %s", name,
		       blkio_get_error_msg());
}

static int set_bool(struct blkio *b, const char *name, bool value,
		    struct err *err)
{
	int ret = blkio_set_bool(b, name, value);

	return ret < 0 ? set_failed(name, ret, err) : 0;
}

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

static bool is_io_uring(const struct node *node)
{
	return strcmp(node->driver_name, "io_uring") == 0;
}

/* "path", for io_uring also "filename" */
static int set_path(struct node *node, struct options *opts, struct err *err)
{
	const char *path = options_take(opts, "path");
	int ret;

	if (is_io_uring(node)) {
		const char *filename = options_take(opts, "filename");

		if (filename && path)
			return err_set(err, EINVAL,
				       "options 'filename' and "
				       "'path' mean the same: give one");
		path = filename ? filename : path;
	}
	if (!path)
		return 0;
	ret = blkio_set_str(node->opaque, "path", path);
	return ret < 0 ? set_failed("path", ret, err) : 0;
}

/* QEMU's rule: only io_uring can go through the page cache. */
static int set_cache(struct node *node, struct options *opts, struct err *err)
{
	bool direct = !is_io_uring(node);
	int ret = options_take_bool(opts, "cache.direct", &direct, err);

	if (ret < 0)
		return ret;
	if (is_io_uring(node))
		return set_bool(node->opaque, "direct", direct, err);
	if (!direct)
		return err_set(err, EINVAL,
			       "cache.direct=off is not supported "
			       "by driver '%s'",
			       node->driver_name);
	return 0;
}

/* A value as users write it ("on", "64K") in the library's spelling. */
static int spell_value(const struct blkio_property *p, const char *value,
		       char *buf, size_t len, struct err *err)
{
	uint64_t bytes;
	bool on;

	if (p->type == BLKIO_PROPERTY_BOOL &&
	    (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)) {
		on = strcmp(value, "on") == 0;
		snprintf(buf, len, "%s", on ? "true" : "false");
	} else if (p->type == BLKIO_PROPERTY_UINT64 ||
		   (p->type == BLKIO_PROPERTY_INT && *value != '-')) {
		if (size_parse(value, &bytes) < 0)
			return err_set(err, EINVAL,
				       "option '%s' must be a "
				       "number or a size such as 64K, not '%s'",
				       p->name, value);
		snprintf(buf, len, "%llu", (unsigned long long)bytes);
	} else if (strlen(value) >= len) {
		return err_set(err, EINVAL, "option '%s' is too long", p->name);
	} else {
		strcpy(buf, value);
	}
	return 0;
}

static const struct blkio_property *
find_property(const struct blkio_property *props, int nr, const char *name)
{
	for (int i = 0; i < nr; i++)
		if (strcmp(props[i].name, name) == 0)
			return &props[i];
	return NULL;
}

static int set_property(struct node *node, const struct blkio_property *p,
			const char *value, struct err *err)
{
	char spelt[PATH_MAX];
	int ret = spell_value(p, value, spelt, sizeof(spelt), err);

	if (ret < 0)
		return ret;
	ret = blkio_set_str(node->opaque, p->name, spelt);
	return ret < 0 ? set_failed(p->name, ret, err) : 0;
}

/*
 * Set those of the properties whose first chance is this state. Called
 * before and after connect; what is never settable is refused.
 */
static int set_properties(struct node *node, const struct handed_on *handed,
			  uint32_t state, struct err *err)
{
	struct blkio_property props[MAX_PROPERTIES];
	int nr_props =
		blkio_list_properties(node->opaque, props, MAX_PROPERTIES);
	int ret = 0;

	assert(nr_props <= MAX_PROPERTIES);
	for (int i = 0; ret == 0 && i < handed->nr; i++) {
		const struct blkio_property *p =
			find_property(props, nr_props, handed->keys[i]);

		if (!p)
			return err_set(err, EINVAL,
				       "driver '%s': unknown "
				       "option '%s'",
				       node->driver_name, handed->keys[i]);
		if (!p->settable)
			return err_set(err, EINVAL,
				       "driver '%s': property "
				       "'%s' can't be set",
				       node->driver_name, handed->keys[i]);
		/* the lowest bit is the earliest state */
		if ((p->settable & -p->settable) == state)
			ret = set_property(node, p, handed->values[i], err);
	}
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
		return set_failed("num-queues", ret, err);
	ret = blkio_start(node->opaque);
	if (ret < 0)
		return err_set(err, -ret, "blkio_start failed: %s",
			       blkio_get_error_msg());
	return get_limits(node, err);
}

static int connect_and_start(struct node *node, struct options *opts,
			     struct err *err)
{
	struct handed_on handed = {.nr = 0};
	int ret = set_path(node, opts, err);

	if (ret == 0)
		ret = set_cache(node, opts, err);
	if (ret == 0)
		ret = set_bool(node->opaque, "read-only", node->read_only, err);
	if (ret < 0)
		return ret;
	while (handed.nr < MAX_PROPERTIES &&
	       options_take_any(opts, &handed.keys[handed.nr],
				&handed.values[handed.nr]))
		handed.nr++;
	ret = options_check_unused(opts, "too many options", err);
	if (ret == 0)
		ret = set_properties(node, &handed, BLKIO_SETTABLE_CREATED,
				     err);
	if (ret < 0)
		return ret;
	ret = blkio_connect(node->opaque);
	if (ret < 0)
		return err_set(err, -ret, "blkio_connect failed: %s",
			       blkio_get_error_msg());
	ret = set_properties(node, &handed, BLKIO_SETTABLE_CONNECTED, err);
	return ret < 0 ? ret : start(node, err);
}

static int blkio_open(struct node *node, struct options *opts, struct err *err)
{
	struct blkio *b;
	int ret = blkio_create(node->driver_name, &b);

	if (ret < 0)
		return err_set(err, -ret,
			       "blkio_create failed: driver '%s': %s",
			       node->driver_name, blkio_get_error_msg());
	node->opaque = b;
	ret = connect_and_start(node, opts, err);
	if (ret < 0) {
		blkio_destroy(&b);
		node->opaque = NULL;
	}
	return ret;
}

static void blkio_close(struct node *node)
{
	struct blkio *b = node->opaque;

	blkio_destroy(&b);
}

static int resize(struct node *node, uint64_t bytes, struct err *err)
{
	int ret = blkio_resize(node->opaque, bytes);

	return ret < 0 ? err_set(err, -ret, "resize: %s", blkio_get_error_msg())
		       : 0;
}

const struct block_driver blkio_block_driver = {
	.open = blkio_open,
	.close = blkio_close,
	.attach = blkio_attach,
	.detach = blkio_detach,
	.resize = resize,
	.co_preadv = blkio_co_preadv,
	.co_pwritev = blkio_co_pwritev,
	.co_write_zeroes = blkio_co_write_zeroes,
	.co_discard = blkio_co_discard,
	.co_flush = blkio_co_flush,
	.co_block_status = blkio_co_block_status,
};
