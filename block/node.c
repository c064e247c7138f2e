/* SPDX-License-Identifier: MIT */
/*
 * Nodes: open, close, facts. Requests are in request.c, drain in drain.c.
 *
 * Open is one way up with one way down: what a step has made, the matching
 * half of node_free() undoes, so a failure at any step leaves nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block/drain.h"
#include "block/node_int.h"
#include "block/options.h"

struct attach_call {
	struct node_loop *nl;
	struct err *err;
	int ret;
};

static void attach(void *opaque)
{
	struct attach_call *call = opaque;

	call->ret = call->nl->node->drv->attach(call->nl, call->err);
}

static void detach(void *opaque)
{
	struct node_loop *nl = opaque;

	loop_bh_cancel(&nl->scan);
	bounce_destroy(nl);
	node_buffer_free(nl->node, &nl->zeroes);
	nl->node->drv->detach(nl);
}

/* Detach the first nr loops. */
static void detach_loops(struct node *node, int nr)
{
	while (nr-- > 0)
		loop_call(node->loops[nr].loop, detach, &node->loops[nr]);
}

static int attach_loops(struct node *node, struct err *err)
{
	for (int i = 0; i < node->nr_loops; i++) {
		struct attach_call call = {&node->loops[i], err, 0};

		loop_call(node->loops[i].loop, attach, &call);
		if (call.ret < 0) {
			detach_loops(node, i);
			return call.ret;
		}
	}
	return 0;
}

static void node_free(struct node *node)
{
	regions_destroy(node);
	pthread_mutex_destroy(&node->ser_lock);
	free(node->name);
	free(node->driver_name);
	free(node);
}

static struct node *node_new(struct loop *const *loops, int nr_loops)
{
	size_t bytes = sizeof(struct node) +
		       (size_t)nr_loops * sizeof(struct node_loop);
	struct node *node = aligned_alloc(
		_Alignof(struct node), ALIGN_UP(bytes, _Alignof(struct node)));

	if (!node)
		return NULL;
	memset(node, 0, bytes);
	node->drv = &blkio_block_driver;
	pthread_mutex_init(&node->ser_lock, NULL);
	pthread_mutex_init(&node->regions_lock, NULL);
	list_init(&node->ser_list);
	list_init(&node->size_watches);
	loop_bh_init(&node->drain_bh, loops[0], drain_bh);
	node->nr_loops = nr_loops;
	for (int i = 0; i < nr_loops; i++) {
		struct node_loop *nl = &node->loops[i];

		nl->node = node;
		nl->loop = loops[i];
		list_init(&nl->writes);
		co_queue_init(&nl->held_queue);
		bounce_init(nl);
		loop_bh_init(&nl->scan, loops[i], serialise_scan_bh);
	}
	return node;
}

/* The options that every node has. */
static int take_common(struct node *node, struct options *opts, struct err *err)
{
	const char *driver = options_take(opts, "driver");
	const char *name = options_take(opts, "node-name");

	options_take(opts, "name"); /* for exports; their opener looks at it */
	if (!driver)
		return err_set(err, EINVAL, "missing 'driver' option");
	node->driver_name = strdup(driver);
	node->name = strdup(name ? name : "");
	if (!node->driver_name || !node->name)
		return err_set(err, ENOMEM, "no memory for a node");
	return options_take_bool(opts, "read-only", &node->read_only, err);
}

int node_open(struct options *opts, struct loop *const *loops, int nr_loops,
	      struct node **out, struct err *err)
{
	struct node *node;
	int ret;

	*out = NULL;
	if (nr_loops < 1 || nr_loops > NODE_MAX_LOOPS)
		return err_set(err, EINVAL,
			       "a node takes 1 to %d loops, not "
			       "%d",
			       NODE_MAX_LOOPS, nr_loops);
	node = node_new(loops, nr_loops);
	if (!node)
		return err_set(err, ENOMEM, "no memory for a node");
	ret = take_common(node, opts, err);
	if (ret < 0)
		goto fail;
	ret = node->drv->open(node, opts, err);
	if (ret < 0)
		goto fail;
	ret = node_limits_apply(node, err);
	if (ret == 0)
		ret = attach_loops(node, err);
	if (ret == 0) {
		*out = node;
		return 0;
	}
	node->drv->close(node);
fail:
	node_free(node);
	return ret;
}

static void co_flush_entry(void *opaque)
{
	struct attach_call *call = opaque;

	call->ret = call->nl->node->drv->co_flush(call->nl);
}

int node_close(struct node *node, struct err *err)
{
	struct attach_call flush = {.nl = &node->loops[0]};
	int ret = 0;

	node_drain(node);
	if (!node->read_only) {
		ret = co_run(co_flush_entry, &flush);
		if (ret == 0)
			ret = flush.ret;
		if (ret < 0)
			err_sys(err, -ret, "flush at close");
	}
	detach_loops(node, node->nr_loops);
	/* only now: each loop has been asked, so none is still scheduling it */
	loop_bh_cancel(&node->drain_bh);
	node->drv->close(node);
	node_free(node);
	return ret;
}

static void set_size(struct node *node, uint64_t bytes)
{
	atomic_store(&node->size, bytes);
	list_for_each(link, &node->size_watches) {
		struct node_size_watch *watch =
			list_entry(link, struct node_size_watch, link);

		watch->changed(watch);
	}
}

int node_refresh_size(struct node *node, struct err *err)
{
	uint64_t bytes;
	int ret;

	if (node->limits.needs_regions)
		return 0;
	ret = node_probe_size(node, &bytes, err);
	if (ret < 0)
		return ret;
	bytes &= ~(uint64_t)node->align_mask;
	if (bytes > node_size(node))
		set_size(node, bytes);
	return 0;
}

void node_watch_size(struct node *node, struct node_size_watch *watch)
{
	list_push_back(&node->size_watches, &watch->link);
}

void node_unwatch_size(struct node_size_watch *watch)
{
	list_remove(&watch->link);
}

int node_resize(struct node *node, uint64_t bytes, struct err *err)
{
	int ret;

	if (node->read_only)
		return err_set(err, EACCES, "resize: the node is read-only");
	if (bytes & node->align_mask || bytes > INT64_MAX)
		return err_set(err, EINVAL,
			       "resize: %llu bytes is not a "
			       "multiple of request-alignment %u, or too large",
			       (unsigned long long)bytes, node->align_mask + 1);
	node_drain(node);
	ret = node->drv->resize(node, bytes, err);
	if (ret == 0)
		set_size(node, bytes);
	node_undrain(node);
	return ret;
}

const char *node_name(const struct node *node)
{
	return node->name;
}

const char *node_driver_name(const struct node *node)
{
	return node->driver_name;
}

bool node_read_only(const struct node *node)
{
	return node->read_only;
}

const struct node_limits *node_limits(const struct node *node)
{
	return &node->limits;
}

uint64_t node_size(const struct node *node)
{
	return atomic_load_explicit(&node->size, memory_order_relaxed);
}

int node_probe_size(const struct node *node, uint64_t *bytes, struct err *err)
{
	return node->drv->get_size(node, bytes, err);
}

void *node_alloc_buffer(const struct node *node, size_t bytes)
{
	size_t align = MAX(node->limits.buf_alignment,
			   node->limits.optimal_buf_alignment);
	void *buf;

	if (posix_memalign(&buf, MAX(align, sizeof(void *)), bytes ? bytes : 1))
		return NULL;
	return buf;
}
