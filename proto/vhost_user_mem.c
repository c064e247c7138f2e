/* SPDX-License-Identifier: MIT */
/*
 * Regions and ring addresses of vhost-user: see vhost_user_mem.h. All sums
 * are arranged so that none can wrap before it is compared. No state.
 */
#include "proto/vhost_user_mem.h"

#include <errno.h>
#include <inttypes.h>

#include "proto/virtqueue.h"
#include "util/compiler.h"

/* an off_t, which mmap(2) and fstat(2) take and give */
#define FILE_MAX ((uint64_t)INT64_MAX)

int vhost_user_check_region(const struct vhost_user_region *region,
			    struct err *err)
{
	uint64_t size = region->size;

	if (size == 0)
		return err_set(err, EINVAL,
			       "region at guest address 0x%" PRIx64 " is empty",
			       region->guest_addr);
	if (region->guest_addr > UINT64_MAX - size ||
	    region->user_addr > UINT64_MAX - size)
		return err_set(err, EINVAL,
			       "region of 0x%" PRIx64
			       " bytes at guest address 0x%" PRIx64
			       ", user address 0x%" PRIx64
			       " goes beyond the last address",
			       size, region->guest_addr, region->user_addr);
	if (size > FILE_MAX || region->mmap_offset > FILE_MAX - size)
		return err_set(err, EINVAL,
			       "region of 0x%" PRIx64
			       " bytes at offset 0x%" PRIx64
			       " of its file, at most 0x%" PRIx64 " wanted",
			       size, region->mmap_offset, FILE_MAX);
	return 0;
}

/* are len bytes from addr within size bytes from start? */
static bool holds(uint64_t start, uint64_t size, uint64_t addr, uint64_t len)
{
	return addr >= start && addr - start < size &&
	       len <= size - (addr - start);
}

static bool overlap(const struct vhost_user_region *a,
		    const struct vhost_user_region *b)
{
	return a->guest_addr < b->guest_addr + b->size &&
	       b->guest_addr < a->guest_addr + a->size;
}

int vhost_user_check_new_region(const struct vhost_user_region *regions,
				size_t nr, size_t max,
				const struct vhost_user_region *region,
				struct err *err)
{
	int ret = vhost_user_check_region(region, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < nr; i++) {
		if (overlap(&regions[i], region))
			return err_set(err, EINVAL,
				       "region of 0x%" PRIx64
				       " bytes at guest address 0x%" PRIx64
				       " overlaps that of 0x%" PRIx64
				       " bytes at 0x%" PRIx64,
				       region->size, region->guest_addr,
				       regions[i].size, regions[i].guest_addr);
	}
	if (nr >= max)
		return err_set(err, ENOSPC, "%zu regions, at most %zu wanted",
			       nr + 1, max);
	return 0;
}

int vhost_user_find_region(const struct vhost_user_region *regions, size_t nr,
			   const struct vhost_user_region *region,
			   struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		if (regions[i].guest_addr == region->guest_addr &&
		    regions[i].user_addr == region->user_addr &&
		    regions[i].size == region->size)
			return i;
	}
	return err_set(err, ENOENT,
		       "no region of 0x%" PRIx64
		       " bytes at guest address 0x%" PRIx64
		       ", user address 0x%" PRIx64,
		       region->size, region->guest_addr, region->user_addr);
}

int vhost_user_find_user(const struct vhost_user_region *regions, size_t nr,
			 uint64_t user_addr, uint64_t len, struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		if (holds(regions[i].user_addr, regions[i].size, user_addr,
			  len))
			return i;
	}
	return err_set(err, EFAULT,
		       "%" PRIu64 " bytes at user address 0x%" PRIx64
		       " are in no region",
		       len, user_addr);
}

static int check_aligned(const char *what, uint64_t addr, uint32_t align,
			 struct err *err)
{
	if (!IS_ALIGNED(addr, align))
		return err_set(err, EINVAL,
			       "%s at user address 0x%" PRIx64
			       ", a multiple of %" PRIu32 " wanted",
			       what, addr, align);
	return 0;
}

int vhost_user_check_vring_addr(const struct vhost_user_vring_addr *addr,
				bool packed, struct err *err)
{
	int ret = check_aligned("descriptors", addr->desc, VQ_DESC_AREA_ALIGN,
				err);

	if (ret == 0)
		ret = check_aligned("available ring", addr->avail,
				    VQ_DRIVER_AREA_ALIGN(packed), err);
	if (ret == 0)
		ret = check_aligned("used ring", addr->used,
				    VQ_DEVICE_AREA_ALIGN, err);
	return ret;
}
