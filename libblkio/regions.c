/* SPDX-License-Identifier: MIT */
/*
 * Memory regions: two sets sorted by address, of allocated and of mapped
 * regions. Allocation is a memfd, so that every driver can use the memory
 * (vhost-user and vDPA hand the fd to the device's process).
 *
 * A set has room for the new region before the driver is told of it: what
 * can fail comes first. Thread rule: under the instance's lock.
 */
#include "libblkio/regions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libblkio/property.h"

struct region_set {
	struct blkio_mem_region *v; /* sorted by addr, no two overlap */
	size_t nr, room;	    /* entries used and allocated */
};

struct regions {
	struct region_set allocated, mapped;
};

static uintptr_t start_of(const struct blkio_mem_region *r)
{
	return (uintptr_t)r->addr;
}

static uintptr_t end_of(const struct blkio_mem_region *r)
{
	return start_of(r) + r->len;
}

static uint64_t alignment(const struct blkio *b)
{
	return MAX(b->info.mem_region_alignment, UINT64_C(1));
}

/* ---- sets ---- */

/* Index of the first region that ends after addr; nr if there is none. */
static size_t set_find(const struct region_set *s, uintptr_t addr)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (end_of(&s->v[mid]) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The region that shares a byte with [addr, end), or NULL. */
static struct blkio_mem_region *set_overlap(const struct region_set *s,
					    uintptr_t addr, uintptr_t end)
{
	size_t i = set_find(s, addr);

	return i < s->nr && start_of(&s->v[i]) < end ? &s->v[i] : NULL;
}

static bool same_region(const struct blkio_mem_region *a,
			const struct blkio_mem_region *b)
{
	return a->addr == b->addr && a->len == b->len && a->iova == b->iova &&
	       a->fd_offset == b->fd_offset && a->fd == b->fd &&
	       a->flags == b->flags;
}

/* The set's own entry for the region, or NULL. */
static struct blkio_mem_region *set_get(const struct region_set *s,
					const struct blkio_mem_region *r)
{
	size_t i = set_find(s, start_of(r));

	return i < s->nr && same_region(&s->v[i], r) ? &s->v[i] : NULL;
}

static int set_make_room(struct region_set *s, struct err *err)
{
	size_t room = s->room ? s->room * 2 : 8;
	struct blkio_mem_region *v;

	if (s->nr < s->room)
		return 0;
	v = reallocarray(s->v, room, sizeof(*v));
	if (!v)
		return err_set(err, ENOMEM,
			       "Out of memory for %zu memory "
			       "regions",
			       room);
	s->v = v;
	s->room = room;
	return 0;
}

static void set_add(struct region_set *s, const struct blkio_mem_region *r)
{
	size_t i = set_find(s, start_of(r));

	memmove(&s->v[i + 1], &s->v[i], (s->nr - i) * sizeof(*s->v));
	s->v[i] = *r;
	s->nr++;
}

static void set_remove(struct region_set *s, struct blkio_mem_region *entry)
{
	s->nr--;
	memmove(entry, entry + 1, (&s->v[s->nr] - entry) * sizeof(*entry));
}

/* ---- allocation ---- */

struct regions *regions_create(void)
{
	return calloc(1, sizeof(struct regions));
}

static int map_memfd(size_t len, struct blkio_mem_region *r, struct err *err)
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
	r->addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
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
	struct region_set *s = &b->regions->allocated;
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
	ret = set_make_room(s, err);
	if (ret == 0)
		ret = map_memfd(len, r, err);
	if (ret == 0)
		set_add(s, r);
	return ret;
}

static void release(const struct blkio_mem_region *r)
{
	munmap(r->addr, r->len);
	close(r->fd);
}

static void unmap_entry(struct blkio *b, struct blkio_mem_region *entry)
{
	b->drv->unmap_region(b, entry);
	set_remove(&b->regions->mapped, entry);
}

void regions_free(struct blkio *b, const struct blkio_mem_region *r)
{
	struct regions *regions = b->regions;
	struct blkio_mem_region *entry = set_get(&regions->allocated, r), *m;

	if (!entry)
		return;
	while ((m = set_overlap(&regions->mapped, start_of(entry),
				end_of(entry))))
		unmap_entry(b, m);
	release(entry);
	set_remove(&regions->allocated, entry);
}

void regions_destroy(struct blkio *b)
{
	struct regions *regions = b->regions;

	while (regions->mapped.nr > 0)
		unmap_entry(b, &regions->mapped.v[regions->mapped.nr - 1]);
	for (size_t i = 0; i < regions->allocated.nr; i++)
		release(&regions->allocated.v[i]);
	free(regions->mapped.v);
	free(regions->allocated.v);
	free(regions);
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
	if (!r->addr || r->len == 0 || end_of(r) < start_of(r))
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
	struct region_set *s = &b->regions->mapped;
	struct blkio_mem_region *other;
	int ret;

	/* no shape can be right or wrong before the alignment is known */
	if (property_check_readable(b, "mem-region-alignment", NULL) < 0)
		return err_set(err, ENODEV, "Device must be connected");
	ret = check_shape(b, r, err);
	if (ret < 0)
		return ret;
	if (b->state != DEVICE_STARTED)
		return err_set(err, EBUSY, "Device must be started");
	other = set_overlap(s, start_of(r), end_of(r));
	if (other)
		return err_set(err, EINVAL,
			       "memory region already mapped: %p "
			       "with len %#zx overlaps %p with len %#zx",
			       r->addr, r->len, other->addr, other->len);
	if (s->nr >= b->info.max_mem_regions)
		return err_set(err, ENOSPC,
			       "max-mem-regions %" PRIu64
			       " memory regions are mapped",
			       b->info.max_mem_regions);
	ret = set_make_room(s, err);
	if (ret == 0)
		ret = b->drv->map_region(b, r, err);
	if (ret == 0)
		set_add(s, r);
	return ret;
}

void regions_unmap(struct blkio *b, const struct blkio_mem_region *r)
{
	struct blkio_mem_region *entry = set_get(&b->regions->mapped, r);

	if (entry)
		unmap_entry(b, entry);
}

bool regions_contain(const struct blkio *b, const void *addr, size_t len)
{
	const struct region_set *s = &b->regions->mapped;
	uintptr_t start = (uintptr_t)addr;
	size_t i = set_find(s, start);

	return i < s->nr && start >= start_of(&s->v[i]) &&
	       len <= end_of(&s->v[i]) - start;
}
