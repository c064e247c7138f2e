/* SPDX-License-Identifier: MIT */
/*
 * A bit for each page of a ram disk: the page may hold data. A page whose
 * bit is clear reads as zeroes and takes no memory. Bits are atomic: any
 * queue sets and clears them. Nothing fails.
 *
 * A writer marks after it has stored its bytes; who drops pages clears the
 * bits before. So, whatever the order of a write and a discard of the same
 * page at the same time, a page that ends up with data has its bit set.
 */
#ifndef LIBBLKIO_DRIVERS_RAM_PAGE_MAP_H
#define LIBBLKIO_DRIVERS_RAM_PAGE_MAP_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a map for nr pages. */
#define PAGE_MAP_BYTES(nr) (((nr) + 63) / 64 * sizeof(uint64_t))

/* Pages [first, end). */
void page_map_mark(uint64_t *map, uint64_t first, uint64_t end);
void page_map_clear(uint64_t *map, uint64_t first, uint64_t end);

bool page_map_used(const uint64_t *map, uint64_t page);

/* First page after page, below end, that differs from it; end if none. */
uint64_t page_map_run_end(const uint64_t *map, uint64_t page, uint64_t end);

#endif
