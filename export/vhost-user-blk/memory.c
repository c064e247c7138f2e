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
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "export/vhost-user-blk/guard.h"
#include "export/vhost-user-blk/vub_int.h"
#include "proto/vhost_user_mem.h"

/* ---- one region ---- */

/* Of the file's pages: what offsets are multiples of, what faults come in */
static size_t page_bytes_of(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC)
		return fs.f_bsize;
	return sysconf(_SC_PAGESIZE);
}

/* Memory that a client has only claimed would fault later. */
static int check_file(const struct vhost_user_region *r, int fd,
		      struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "memory region: fstat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL,
			       "memory region: not of a file (mode 0%o)",
			       st.st_mode);
	if ((uint64_t)st.st_size < r->mmap_offset + r->size)
		return err_set(
			err, EINVAL,
			"memory region: 0x%llx bytes at 0x%llx of a file "
			"that has 0x%llx",
			(unsigned long long)r->size,
			(unsigned long long)r->mmap_offset,
			(unsigned long long)st.st_size);
	return 0;
}

/* For the node; that it doesn't take it is no reason not to go on. */
static void tell_node(struct vub_memory *m, struct vub_mapping *map, int fd,
		      int64_t offset)
{
	if (!node_limits(m->node)->uses_regions)
		return;
	map->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (map->fd < 0)
		return;
	map->buf = (struct node_buffer){
		.addr = map->map,
		.len = map->map_bytes,
		.fd = map->fd,
		.fd_offset = offset,
	};
	map->registered = node_register_buf(m->node, &map->buf, NULL) == 0;
}

static int map_region(struct vub_memory *m, struct vub_mapping *map,
		      const struct vhost_user_region *r, int fd,
		      struct err *err)
{
	size_t page = page_bytes_of(fd);
	uint64_t offset = ALIGN_DOWN(r->mmap_offset, page);
	size_t bytes = ALIGN_UP(r->mmap_offset - offset + r->size, page);
	void *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_NORESERVE, fd, offset);
	int ret;

	if (addr == MAP_FAILED)
		return err_sys(err, errno, "memory region: mapping 0x%zx bytes",
			       bytes);
	ret = guard_add(addr, bytes, page, &m->lost, err);
	if (ret < 0) {
		munmap(addr, bytes);
		return ret;
	}
	/* not part of a core dump of ours */
	madvise(addr, bytes, MADV_DONTDUMP);
	*map = (struct vub_mapping){
		.map = addr,
		.map_bytes = bytes,
		.skip_bytes = r->mmap_offset - offset,
		.fd = -1,
	};
	tell_node(m, map, fd, offset);
	return 0;
}

static void unmap_region(struct vub_memory *m, struct vub_mapping *map)
{
	if (map->registered)
		node_unregister_buf(m->node, &map->buf);
	if (map->fd >= 0)
		close(map->fd);
	guard_remove(map->map);
	munmap(map->map, map->map_bytes);
}

/* ---- all of them ---- */

static char *host_of(const struct vub_memory *m, unsigned i)
{
	return (char *)m->maps[i].map + m->maps[i].skip_bytes;
}

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
			.host = host_of(m, i),
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
		ret = check_file(region, fd, err);
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
	return host_of(m, i) + (user_addr - m->regions[i].user_addr);
}
