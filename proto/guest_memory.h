/* SPDX-License-Identifier: MIT */
/*
 * Memory of a driver as its device sees it: a table of regions, sorted by
 * guest address, and the way from a guest address to a pointer. Pure look-up;
 * who maps the regions keeps table and mappings alive as long as a queue or a
 * request uses them. Other tables (by user address, for control messages) are
 * in vhost_user_mem.h.
 *
 * Failure modes: an address that no region holds, a range that leaves its
 * region or wraps: not found. Threads: any that may read the table.
 */
#ifndef PROTO_GUEST_MEMORY_H
#define PROTO_GUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct guest_region {
	uint64_t addr; /* guest's */
	uint64_t size_bytes;
	char *host; /* where it is mapped */
};

struct guest_memory {
	const struct guest_region *regions; /* sorted by addr, disjoint */
	uint32_t nr;			    /* of them; 0 is allowed */
};

/*
 * What the look-ups rely on. -EINVAL: a region is empty or wraps; it isn't
 * behind the one before it.
 */
int guest_memory_check(const struct guest_memory *mem, struct err *err);

/* The region that holds addr, or NULL. */
const struct guest_region *guest_memory_region(const struct guest_memory *mem,
					       uint64_t addr);

/*
 * All of [addr, addr + len) in one piece, or NULL: for headers, rings. An
 * empty range is found where its address is.
 */
void *guest_memory_find(const struct guest_memory *mem, uint64_t addr,
			uint64_t len);

/*
 * Copy len bytes, from as many adjacent regions as hold them. -EFAULT: they
 * don't.
 */
int guest_memory_read(const struct guest_memory *mem, uint64_t addr, void *buf,
		      size_t len);

/*
 * The way back, for a log of dirty pages: the guest address of a pointer that
 * a look-up gave. Memory that several regions show is found at the first. A
 * linear search. false: no region holds it.
 */
bool guest_memory_addr(const struct guest_memory *mem, const void *host,
		       uint64_t *addr);

#endif
