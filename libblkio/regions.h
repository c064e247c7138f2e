/* SPDX-License-Identifier: MIT */
/*
 * The memory regions of an instance: those it allocated and those that are
 * mapped for requests. Misuse is an error with text, or harmless.
 * Callers hold the lock.
 */
#ifndef LIBBLKIO_REGIONS_H
#define LIBBLKIO_REGIONS_H

#include "libblkio/driver.h"

/* NULL when there is no memory. */
struct regions *regions_create(void);

/* Unmap and free all. Queues are gone. */
void regions_destroy(struct blkio *b);

/* As the blkio_..._mem_region() functions. */
int regions_alloc(struct blkio *b, struct blkio_mem_region *r, size_t len,
		  struct err *err);
void regions_free(struct blkio *b, const struct blkio_mem_region *r);
int regions_map(struct blkio *b, const struct blkio_mem_region *r,
		struct err *err);
void regions_unmap(struct blkio *b, const struct blkio_mem_region *r);

/* [addr, addr + len) lies in one mapped region. */
bool regions_contain(const struct blkio *b, const void *addr, size_t len);

#endif
