/* SPDX-License-Identifier: MIT */
/*
 * The memory regions of an instance: those it allocated and those that are
 * mapped for requests. Misuse is an error with text, or harmless.
 * Callers hold the lock, but for the two that say otherwise.
 */
#ifndef LIBBLKIO_REGIONS_H
#define LIBBLKIO_REGIONS_H

#include "libblkio/driver.h"

/*
 * The mapped regions, sorted by address, no two sharing a byte. Published by
 * struct blkio's mapped and never changed after that, but for one thing:
 * unmapping sets an entry's len to 0, atomically. Whoever maps makes a new
 * table; the old one goes when nobody refers to it any more.
 */
struct region_table {
	unsigned refs; /* under the lock: the instance, queues */
	unsigned nr;
	struct mapped_region {
		struct blkio_mem_region r;
		uint64_t id; /* no other mapping of the instance has it */
	} v[];
};

/* 0 or -ENOMEM; regions_exit() either way. */
int regions_init(struct blkio *b);

/* Unmap and free all. Queues are gone. */
void regions_exit(struct blkio *b);

/* As the blkio_..._mem_region() functions. */
int regions_alloc(struct blkio *b, struct blkio_mem_region *r, size_t len,
		  struct err *err);
void regions_free(struct blkio *b, const struct blkio_mem_region *r);
int regions_map(struct blkio *b, const struct blkio_mem_region *r,
		struct err *err);
void regions_unmap(struct blkio *b, const struct blkio_mem_region *r);

/* Let q refer to the current table, and no longer. */
void regions_hold(struct blkioq *q);
void regions_drop(struct blkioq *q);

static inline bool region_has(const struct mapped_region *m, const void *addr,
			      size_t len)
{
	size_t skip = (uintptr_t)addr - (uintptr_t)m->r.addr;
	size_t region_len = __atomic_load_n(&m->r.len, __ATOMIC_RELAXED);

	return skip < region_len && len <= region_len - skip;
}

/* The entry that [addr, addr + len) lies in, or NULL. No lock needed. */
static inline const struct mapped_region *
region_find(const struct region_table *t, const void *addr, size_t len)
{
	unsigned low = 0, high = t->nr;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (t->v[mid].r.addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && region_has(&t->v[low - 1], addr, len) ? &t->v[low - 1]
								: NULL;
}

/* As region_find(), in what is mapped now. On the queue's thread. */
const struct mapped_region *regions_find(struct blkioq *q, const void *addr,
					 size_t len);

/* Likewise, quick where the last one is it. */
static ALWAYS_INLINE const struct mapped_region *
queue_region(struct blkioq *q, const void *addr, size_t len)
{
	const struct mapped_region *m = q->last_region;
	struct region_table *t =
		__atomic_load_n(&q->dev->mapped, __ATOMIC_ACQUIRE);

	if (likely(t == q->regions && m && region_has(m, addr, len)))
		return m;
	return regions_find(q, addr, len);
}

#endif
