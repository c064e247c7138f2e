/* SPDX-License-Identifier: MIT */
/*
 * Memory of a driver as its device sees it: see guest_memory.h. Failure modes:
 * what no region holds is not found; sums that could wrap are never formed.
 * Threads: any that may read the table.
 */
#include "proto/guest_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "util/compiler.h"

int guest_memory_check(const struct guest_memory *mem, struct err *err)
{
	const struct guest_region *r = mem->regions, *before;

	for (uint32_t i = 0; i < mem->nr; i++, r++) {
		before = i > 0 ? r - 1 : NULL;
		/* up to 2^64 - 1, so that the end is a number as well */
		if (r->size_bytes == 0 || r->addr + r->size_bytes < r->addr)
			return err_set(err, EINVAL,
				       "memory region %" PRIu32 ": %" PRIu64
				       " bytes at 0x%" PRIx64
				       ": empty, or wraps",
				       i, r->size_bytes, r->addr);
		if (before && r->addr - before->addr < before->size_bytes)
			return err_set(err, EINVAL,
				       "memory region %" PRIu32 ": 0x%" PRIx64
				       " overlaps the one before",
				       i, r->addr);
		if (before && r->addr < before->addr)
			return err_set(err, EINVAL,
				       "memory region %" PRIu32 ": 0x%" PRIx64
				       " is before 0x%" PRIx64
				       ", they should be sorted",
				       i, r->addr, before->addr);
	}
	return 0;
}

const struct guest_region *guest_memory_region(const struct guest_memory *mem,
					       uint64_t addr)
{
	const struct guest_region *r;
	uint32_t low = 0, high = mem->nr;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (mem->regions[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NULL;
	r = &mem->regions[low - 1];
	return addr - r->addr < r->size_bytes ? r : NULL;
}

void *guest_memory_find(const struct guest_memory *mem, uint64_t addr,
			uint64_t len)
{
	const struct guest_region *r = guest_memory_region(mem, addr);
	uint64_t offset = r ? addr - r->addr : 0;

	return r && len <= r->size_bytes - offset ? r->host + offset : NULL;
}

int guest_memory_read(const struct guest_memory *mem, uint64_t addr, void *buf,
		      size_t len)
{
	char *to = buf;

	while (len > 0) {
		const struct guest_region *r = guest_memory_region(mem, addr);
		uint64_t offset = r ? addr - r->addr : 0;
		size_t part = r ? MIN(len, r->size_bytes - offset) : 0;

		if (part == 0)
			return -EFAULT;
		memcpy(to, r->host + offset, part);
		to += part;
		addr += part;
		len -= part;
	}
	return 0;
}

bool guest_memory_addr(const struct guest_memory *mem, const void *host,
		       uint64_t *addr)
{
	for (uint32_t i = 0; i < mem->nr; i++) {
		const struct guest_region *r = &mem->regions[i];
		uintptr_t offset = (uintptr_t)host - (uintptr_t)r->host;

		if (offset < r->size_bytes) {
			*addr = r->addr + offset;
			return true;
		}
	}
	return false;
}
