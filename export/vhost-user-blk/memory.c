/* SPDX-License-Identifier: MIT */
/*
 * The client's memory: each region is mapped, guarded against its file being
 * cut short (guard.h), and told to the node, whose device may need that; if
 * it can't be told, requests in it are copied.
 *
 * Queues look addresses up in a table that never changes: a region that comes
 * makes a new one, to which running queues go on; for one to go they are
 * stopped, and forget all pointers into it.
 *
 * Threads: the main loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/vhost-user-blk/shared.h"
#include "proto/vhost_user_mem.h"

/* ---- one region ---- */

/* For the node; that it doesn't take it is no reason not to go on. */
static void tell_node(struct vub_memory *m, struct vub_region *map, int fd,
		      int64_t offset)
{
	if (!node_limits(m->node)->uses_regions)
		return;
	map->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (map->fd < 0)
		return;
	map->buf = (struct node_buffer){
		.addr = map->mapping.map,
		.len = map->mapping.map_bytes,
		.fd = map->fd,
		.fd_offset = offset,
	};
	map->registered = node_register_buf(m->node, &map->buf, NULL) == 0;
}

static int map_region(struct vub_memory *m, struct vub_region *map,
		      const struct vhost_user_region *r, int fd,
		      struct err *err)
{
	int ret;

	*map = (struct vub_region){.fd = -1};
	ret = vub_map(&map->mapping, fd, r->mmap_offset, r->size, &m->lost,
		      err);
	if (ret == 0)
		tell_node(m, map, fd, r->mmap_offset - map->mapping.skip_bytes);
	return ret;
}

static void unmap_region(struct vub_memory *m, struct vub_region *map)
{
	if (map->registered)
		node_unregister_buf(m->node, &map->buf);
	if (map->fd >= 0)
		close(map->fd);
	vub_unmap(&map->mapping);
}

/* ---- all of them ---- */

static int by_addr(const void *a, const void *b)
{
	const struct guest_region *left = a, *right = b;

	return left->addr < right->addr ? -1 : left->addr > right->addr;
}

static struct vub_table *make_table(const struct vub_memory *m)
{
	struct vub_table *t =
		malloc(sizeof(*t) + m->nr * sizeof(t->regions[0]));

	if (!t)
		return NULL;
	for (unsigned i = 0; i < m->nr; i++)
		t->regions[i] = (struct guest_region){
			.addr = m->regions[i].guest_addr,
			.size_bytes = m->regions[i].size,
			.host = vub_mapped(&m->maps[i].mapping),
		};
	qsort(t->regions, m->nr, sizeof(t->regions[0]), by_addr);
	t->mem.regions = t->regions;
	t->mem.nr = m->nr;
	return t;
}

int vub_memory_add(struct vub_memory *m, const struct vhost_user_region *region,
		   int fd, struct vub_table **old, struct err *err)
{
	int ret = vhost_user_check_new_region(m->regions, m->nr,
					      VUB_REGIONS_MAX, region, err);
	struct vub_table *table;

	if (ret == 0)
		ret = map_region(m, &m->maps[m->nr], region, fd, err);
	if (ret < 0)
		return ret;
	m->regions[m->nr++] = *region;
	table = make_table(m);
	if (!table) {
		unmap_region(m, &m->maps[--m->nr]);
		return err_sys(err, ENOMEM, "memory region");
	}
	*old = m->table;
	m->table = table;
	return 0;
}

int vub_memory_remove(struct vub_memory *m,
		      const struct vhost_user_region *region, struct err *err)
{
	int i = vhost_user_find_region(m->regions, m->nr, region, err);
	struct vub_table *t = m->table;
	unsigned at = 0;

	if (i < 0)
		return i;
	while (t->regions[at].addr != region->guest_addr)
		at++;
	t->mem.nr--;
	memmove(&t->regions[at], &t->regions[at + 1],
		(t->mem.nr - at) * sizeof(t->regions[0]));
	unmap_region(m, &m->maps[i]);
	m->nr--;
	m->regions[i] = m->regions[m->nr];
	m->maps[i] = m->maps[m->nr];
	return 0;
}

void vub_memory_clear(struct vub_memory *m)
{
	while (m->nr > 0)
		unmap_region(m, &m->maps[--m->nr]);
	free(m->table);
	m->table = NULL;
	atomic_store(&m->lost, false);
}

void *vub_memory_user(struct vub_memory *m, uint64_t user_addr, uint64_t len,
		      struct err *err)
{
	int i = vhost_user_find_user(m->regions, m->nr, user_addr, len, err);

	if (i < 0)
		return NULL;
	return vub_mapped(&m->maps[i].mapping) +
	       (user_addr - m->regions[i].user_addr);
}
