/* SPDX-License-Identifier: MIT */
/*
 * Registered buffers: which memory the device has been told of.
 *
 * The node keeps a table of it, sorted; where the device takes no other memory
 * each request looks for its buffers there. A table never changes but for the
 * entries that are taken back, whose length becomes 0: who adds one publishes
 * a new table, and each loop goes on to that when it next looks. So requests
 * take the lock only after a change.
 *
 * One region for each loop is set aside for its bounce pool. Where there is
 * no more room or memory, buffers just stay unregistered: requests copy.
 *
 * Threads: any, but for regions_cover(), on the loop's own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "block/node_int.h"

struct region {
	uintptr_t start;
	_Atomic(size_t) len; /* bytes; 0: taken back */
};

struct region_table {
	unsigned refs; /* the node's and its loops'; under regions_lock */
	unsigned nr;
	struct region v[]; /* by start */
};

/* ---- the table ---- */

static size_t len_of(const struct region *r)
{
	return atomic_load_explicit(&r->len, memory_order_relaxed);
}

static void table_put(struct region_table *t)
{
	if (t && --t->refs == 0)
		free(t);
}

static void append(struct region_table *t, uintptr_t start, size_t len)
{
	struct region *r = &t->v[t->nr++];

	r->start = start;
	atomic_init(&r->len, len);
}

/* A table of what old has and of buf, or NULL. */
static struct region_table *table_with(const struct region_table *old,
				       const struct node_buffer *buf)
{
	uintptr_t start = (uintptr_t)buf->addr;
	unsigned nr = old ? old->nr : 0, i = 0;
	struct region_table *t;

	t = malloc(sizeof(*t) + (nr + 1) * sizeof(t->v[0]));
	if (!t)
		return NULL;
	t->refs = 1;
	t->nr = 0;
	for (; i < nr && old->v[i].start < start; i++)
		if (len_of(&old->v[i]))
			append(t, old->v[i].start, len_of(&old->v[i]));
	append(t, start, buf->len);
	for (; i < nr; i++)
		if (len_of(&old->v[i]))
			append(t, old->v[i].start, len_of(&old->v[i]));
	return t;
}

static int table_add(struct node *node, const struct node_buffer *buf)
{
	struct region_table *old, *t;

	pthread_mutex_lock(&node->regions_lock);
	old = atomic_load_explicit(&node->regions, memory_order_relaxed);
	t = table_with(old, buf);
	if (t) {
		atomic_store_explicit(&node->regions, t, memory_order_release);
		table_put(old);
	}
	pthread_mutex_unlock(&node->regions_lock);
	return t ? 0 : -ENOMEM;
}

/* false: it is in there no longer, or never was */
static bool table_forget(struct node *node, const struct node_buffer *buf)
{
	struct region_table *t;
	bool found = false;

	pthread_mutex_lock(&node->regions_lock);
	t = atomic_load_explicit(&node->regions, memory_order_relaxed);
	for (unsigned i = 0; t && !found && i < t->nr; i++) {
		found = t->v[i].start == (uintptr_t)buf->addr &&
			len_of(&t->v[i]) == buf->len;
		if (found)
			atomic_store_explicit(&t->v[i].len, 0,
					      memory_order_relaxed);
	}
	pthread_mutex_unlock(&node->regions_lock);
	return found;
}

static struct region_table *take_newest(struct node_loop *nl)
{
	struct node *node = nl->node;

	pthread_mutex_lock(&node->regions_lock);
	table_put(nl->regions);
	nl->regions =
		atomic_load_explicit(&node->regions, memory_order_relaxed);
	nl->regions->refs++; /* once there is one, there always is */
	pthread_mutex_unlock(&node->regions_lock);
	return nl->regions;
}

static bool covers(const struct region_table *t, const void *addr, size_t len)
{
	unsigned low = 0, high = t->nr;
	size_t skip, region_len;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (t->v[mid].start <= (uintptr_t)addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return false;
	skip = (uintptr_t)addr - t->v[low - 1].start;
	region_len = len_of(&t->v[low - 1]);
	return skip < region_len && len <= region_len - skip;
}

bool regions_cover(struct node_loop *nl, const struct iovec *iov, int iovcnt)
{
	struct node *node = nl->node;
	const struct region_table *t =
		atomic_load_explicit(&node->regions, memory_order_acquire);

	if (!t)
		return false;
	if (unlikely(t != nl->regions))
		t = take_newest(nl);
	for (; iovcnt > 0; iov++, iovcnt--)
		if (!covers(t, iov->iov_base, iov->iov_len))
			return false;
	return true;
}

void regions_destroy(struct node *node)
{
	for (int i = 0; i < node->nr_loops; i++)
		table_put(node->loops[i].regions);
	table_put(atomic_load(&node->regions));
	pthread_mutex_destroy(&node->regions_lock);
}

/* ---- registering ---- */

/* Count one region more, or less. */
static bool count(struct node *node, int change)
{
	uint64_t pools = node->limits.needs_regions ? node->nr_loops : 0;
	bool fits;

	pthread_mutex_lock(&node->regions_lock);
	fits = change < 0 ||
	       node->nr_regions < node->limits.max_regions - pools;
	if (fits)
		node->nr_regions += change;
	pthread_mutex_unlock(&node->regions_lock);
	return fits;
}

int node_register_buf(struct node *node, const struct node_buffer *buf,
		      struct err *err)
{
	int ret;

	if (!node->limits.uses_regions)
		return 0;
	if (!count(node, 1))
		return err_set(err, ENOSPC,
			       "register a buffer: the device takes %" PRIu64
			       " memory regions, bounce pools among them",
			       node->limits.max_regions);
	ret = node->drv->map_region(node, buf, err);
	if (ret == 0) {
		ret = table_add(node, buf);
		if (ret < 0) {
			err_set(err, ENOMEM, "register a buffer: no memory");
			node->drv->unmap_region(node, buf);
		}
	}
	if (ret < 0)
		count(node, -1);
	return ret;
}

void node_unregister_buf(struct node *node, const struct node_buffer *buf)
{
	if (!table_forget(node, buf))
		return;
	node->drv->unmap_region(node, buf);
	count(node, -1);
}

/* ---- memory ---- */

static int region_alloc(struct node *node, struct node_buffer *buf)
{
	int ret = node->drv->alloc_region(node, buf, NULL);

	if (ret < 0)
		return ret;
	ret = node_register_buf(node, buf, NULL);
	if (ret < 0)
		node->drv->free_region(node, buf);
	return ret;
}

int node_buffer_alloc(struct node *node, size_t bytes, struct node_buffer *buf)
{
	const struct node_limits *l = &node->limits;

	*buf = (struct node_buffer){.len = bytes ? bytes : 1, .fd = -1};
	if (l->uses_regions) {
		buf->len = ALIGN_UP(buf->len, l->region_alignment);
		if (region_alloc(node, buf) == 0)
			return 0;
	}
	buf->fd = -1;
	buf->addr = node_alloc_buffer(node, buf->len);
	return buf->addr ? 0 : -ENOMEM;
}

void node_buffer_free(struct node *node, struct node_buffer *buf)
{
	if (buf->addr && buf->fd >= 0) {
		node_unregister_buf(node, buf);
		node->drv->free_region(node, buf);
	} else {
		free(buf->addr);
	}
	buf->addr = NULL;
}
