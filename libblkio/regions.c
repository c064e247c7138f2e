/* SPDX-License-Identifier: MIT */
/*
 * Memory regions. Allocation is a memfd, so that every driver can use the
 * memory (vhost-user and vDPA hand the fd to the device's process). Mapped
 * regions are in a table that queues look into without a lock; driver.h says
 * what may change in it.
 *
 * Whatever can fail when a region is mapped comes before the table is
 * published; unmapping needs no memory and can't fail.
 *
 * Thread rule: under the instance's lock, but for regions_find(), which takes
 * it, on the queue's thread.
 */
#include "libblkio/regions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libblkio/property.h"

/* Those allocated, in no order. */
struct regions {
	struct blkio_mem_region *v;
	size_t nr, room; /* entries used and allocated */
};

static uintptr_t start_of(const struct blkio_mem_region *r)
{
	return (uintptr_t)r->addr;
}

static uintptr_t end_of(const struct blkio_mem_region *r)
{
	return start_of(r) + r->len;
}

static bool same_region(const struct blkio_mem_region *a,
			const struct blkio_mem_region *b)
{
	return a->addr == b->addr && a->len == b->len && a->iova == b->iova &&
	       a->fd_offset == b->fd_offset && a->fd == b->fd &&
	       a->flags == b->flags;
}

static uint64_t alignment(const struct blkio *b)
{
	return MAX(b->info.mem_region_alignment, UINT64_C(1));
}

/* ---- allocation ---- */

/* The instance's own entry for the region, or NULL. */
static struct blkio_mem_region *find_allocated(const struct regions *s,
					       const struct blkio_mem_region *r)
{
	for (size_t i = 0; i < s->nr; i++)
		if (same_region(&s->v[i], r))
			return &s->v[i];
	return NULL;
}

static int make_room(struct regions *s, struct err *err)
{
	size_t room = s->room ? s->room * 2 : 8;
	struct blkio_mem_region *v;

	if (s->nr < s->room)
		return 0;
	v = reallocarray(s->v, room, sizeof(*v));
	if (!v)
		return err_set(err, ENOMEM,
			       "Out of memory for %zu memory regions", room);
	s->v = v;
	s->room = room;
	return 0;
}

/* fd's len bytes at a multiple of align, of which len is one; MAP_FAILED */
static void *map_aligned(int fd, size_t len, uint64_t align)
{
	char *space, *addr;

	if (align <= (uint64_t)sysconf(_SC_PAGESIZE))
		return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);
	/* find the place in more space than is needed; len is less than
	 * 2^63, and align no more than len */
	space = mmap(NULL, len + align, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return MAP_FAILED;
	addr = space + (align - (uintptr_t)space % align) % align;
	if (mmap(addr, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED) {
		munmap(space, len + align);
		return MAP_FAILED;
	}
	if (addr > space)
		munmap(space, addr - space);
	munmap(addr + len, space + align - addr);
	return addr;
}

static int map_memfd(size_t len, uint64_t align, struct blkio_mem_region *r,
		     struct err *err)
{
	int fd = memfd_create("libblkio-buf", MFD_CLOEXEC);
	int ret;

	if (fd < 0)
		return err_sys(err, errno, "memfd_create");
	if (len > INT64_MAX || ftruncate(fd, len) < 0) {
		/* a memfd of that size: too large for any memory */
		ret = err_set(err, ENOMEM,
			      "Out of memory for a region of %zu "
			      "bytes",
			      len);
		goto fail;
	}
	*r = (struct blkio_mem_region){.len = len, .fd = fd};
	r->addr = map_aligned(fd, len, align);
	if (r->addr != MAP_FAILED)
		return 0;
	ret = err_sys(err, errno, "mmap of a region of %zu bytes", len);
fail:
	close(fd);
	return ret;
}

int regions_alloc(struct blkio *b, struct blkio_mem_region *r, size_t len,
		  struct err *err)
{
	struct regions *s = b->regions;
	int ret;

	if (b->state == DEVICE_CREATED)
		return err_set(err, ENODEV, "Device must be connected");
	if (len == 0)
		return err_set(err, EINVAL,
			       "len of a memory region must not "
			       "be 0");
	if (len % alignment(b))
		return err_set(err, EINVAL,
			       "len %zu violates "
			       "mem-region-alignment %" PRIu64,
			       len, alignment(b));
	ret = make_room(s, err);
	if (ret == 0)
		ret = map_memfd(len, alignment(b), r, err);
	if (ret == 0)
		s->v[s->nr++] = *r;
	return ret;
}

/* ---- tables ---- */

static struct region_table *table_create(size_t room)
{
	struct region_table *t;

	t = malloc(sizeof(*t) + room * sizeof(t->v[0]));
	if (t) {
		t->refs = 1;
		t->nr = 0;
	}
	return t;
}

static void table_put(struct region_table *t)
{
	if (--t->refs == 0)
		free(t);
}

static bool is_mapped(const struct mapped_region *m)
{
	return m->r.len > 0;
}

/* A mapped region that shares a byte with [addr, end), or NULL. */
static struct mapped_region *table_overlap(struct region_table *t,
					   uintptr_t addr, uintptr_t end)
{
	for (unsigned i = 0; i < t->nr; i++) {
		struct mapped_region *m = &t->v[i];

		if (is_mapped(m) && start_of(&m->r) < end &&
		    end_of(&m->r) > addr)
			return m;
	}
	return NULL;
}

static unsigned table_nr_mapped(const struct region_table *t)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < t->nr; i++)
		nr += is_mapped(&t->v[i]);
	return nr;
}

/* Make t, which is empty, hold what is mapped in old, and more. */
static void table_fill(struct region_table *t, const struct region_table *old,
		       const struct mapped_region *more)
{
	for (unsigned i = 0; i < old->nr; i++) {
		const struct mapped_region *m = &old->v[i];

		if (more && start_of(&m->r) > start_of(&more->r)) {
			t->v[t->nr++] = *more;
			more = NULL;
		}
		if (is_mapped(m))
			t->v[t->nr++] = *m;
	}
	if (more)
		t->v[t->nr++] = *more;
}

/* Refer to the current table instead. */
static RARELY void take_table(struct blkioq *q)
{
	pthread_mutex_lock(&q->dev->lock);
	regions_drop(q);
	regions_hold(q);
	pthread_mutex_unlock(&q->dev->lock);
}

const struct mapped_region *regions_find(struct blkioq *q, const void *addr,
					 size_t len)
{
	if (q->regions != __atomic_load_n(&q->dev->mapped, __ATOMIC_ACQUIRE))
		take_table(q);
	q->last_region = region_find(q->regions, addr, len);
	return q->last_region;
}

void regions_hold(struct blkioq *q)
{
	q->regions = q->dev->mapped;
	q->regions->refs++;
	q->last_region = NULL;
}

void regions_drop(struct blkioq *q)
{
	table_put(q->regions);
}

/* ---- mapping ---- */

static int check_shape(const struct blkio *b, const struct blkio_mem_region *r,
		       struct err *err)
{
	uint64_t align = alignment(b);

	if (start_of(r) % align)
		return err_set(err, EINVAL,
			       "addr %p violates "
			       "mem-region-alignment %" PRIu64,
			       r->addr, align);
	if (r->len % align)
		return err_set(err, EINVAL,
			       "len %#zx violates "
			       "mem-region-alignment %" PRIu64,
			       r->len, align);
	/* fio's engine maps what it has no memory for, when it only trims */
	if ((!r->addr && b->info.needs_mem_regions) || r->len == 0 ||
	    end_of(r) < start_of(r))
		return err_set(err, EINVAL,
			       "addr %p with len %#zx is not a "
			       "memory region",
			       r->addr, r->len);
	if (r->iova || r->flags)
		return err_set(err, EINVAL,
			       "iova %#" PRIx64 " and flags %#x "
			       "of a memory region are reserved, must be 0",
			       r->iova, r->flags);
	if (b->info.needs_mem_region_fd && (r->fd < 0 || r->fd_offset < 0))
		return err_set(err, EINVAL,
			       "fd %d with fd_offset %" PRId64
			       " can't back a memory region, which driver "
			       "\"%s\" needs",
			       r->fd, r->fd_offset, b->drv->name);
	return 0;
}

int regions_map(struct blkio *b, const struct blkio_mem_region *r,
		struct err *err)
{
	struct region_table *old = b->mapped, *t;
	struct mapped_region new = {.r = *r, .id = b->last_region_id + 1};
	struct mapped_region *other;
	int ret;

	/* no shape can be right or wrong before the alignment is known */
	if (property_check_readable(b, "mem-region-alignment", NULL) < 0)
		return err_set(err, ENODEV, "Device must be connected");
	ret = check_shape(b, r, err);
	if (ret < 0)
		return ret;
	if (b->state != DEVICE_STARTED)
		return err_set(err, EBUSY, "Device must be started");
	other = table_overlap(old, start_of(r), end_of(r));
	if (other)
		return err_set(err, EINVAL,
			       "memory region already mapped: %p "
			       "with len %#zx overlaps %p with len %#zx",
			       r->addr, r->len, other->r.addr, other->r.len);
	if (table_nr_mapped(old) >= b->info.max_mem_regions)
		return err_set(err, ENOSPC,
			       "max-mem-regions %" PRIu64
			       " memory regions are mapped",
			       b->info.max_mem_regions);
	t = table_create(old->nr + 1);
	if (!t)
		return err_set(err, ENOMEM,
			       "Out of memory for %u memory "
			       "regions",
			       old->nr + 1);
	ret = b->drv->map_region(b, &new, err);
	if (ret < 0) {
		free(t);
		return ret;
	}
	b->last_region_id = new.id;
	table_fill(t, old, &new);
	__atomic_store_n(&b->mapped, t, __ATOMIC_RELEASE);
	table_put(old);
	return 0;
}

static void unmap(struct blkio *b, struct mapped_region *m)
{
	struct mapped_region copy = *m;

	__atomic_store_n(&m->r.len, 0, __ATOMIC_RELAXED);
	b->drv->unmap_region(b, &copy);
}

void regions_unmap(struct blkio *b, const struct blkio_mem_region *r)
{
	struct mapped_region *m =
		table_overlap(b->mapped, start_of(r), end_of(r));

	if (m && same_region(&m->r, r))
		unmap(b, m);
}

/* ---- the instance's end, and a region's ---- */

static void release(const struct blkio_mem_region *r)
{
	munmap(r->addr, r->len);
	close(r->fd);
}

void regions_free(struct blkio *b, const struct blkio_mem_region *r)
{
	struct blkio_mem_region *entry = find_allocated(b->regions, r);
	struct mapped_region *m;

	if (!entry)
		return;
	while ((m = table_overlap(b->mapped, start_of(entry), end_of(entry))))
		unmap(b, m);
	release(entry);
	*entry = b->regions->v[--b->regions->nr];
}

int regions_init(struct blkio *b)
{
	b->regions = calloc(1, sizeof(*b->regions));
	b->mapped = table_create(0);
	return b->regions && b->mapped ? 0 : -ENOMEM;
}

void regions_exit(struct blkio *b)
{
	if (b->mapped) {
		for (unsigned i = 0; i < b->mapped->nr; i++)
			if (is_mapped(&b->mapped->v[i]))
				unmap(b, &b->mapped->v[i]);
		table_put(b->mapped);
	}
	if (b->regions) {
		for (size_t i = 0; i < b->regions->nr; i++)
			release(&b->regions->v[i]);
		free(b->regions->v);
		free(b->regions);
	}
	b->mapped = NULL;
	b->regions = NULL;
}
