/* SPDX-License-Identifier: MIT */
/*
 * The pages in use of a ram disk, 64 to a word: see page_map.h. Words that
 * have the wanted value already are not written, so that rewriting data
 * costs no atomic operation.
 */
#include "libblkio/drivers/ram/page_map.h"

#include "util/compiler.h"

#define BITS 64

static uint64_t load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* The bits of word number w that stand for pages in [first, end). */
static uint64_t mask(uint64_t w, uint64_t first, uint64_t end)
{
	uint64_t bits = UINT64_MAX;

	if (w == first / BITS)
		bits &= UINT64_MAX << first % BITS;
	if (w == (end - 1) / BITS)
		bits &= UINT64_MAX >> (BITS - 1 - (end - 1) % BITS);
	return bits;
}

void page_map_mark(uint64_t *map, uint64_t first, uint64_t end)
{
	for (uint64_t w = first / BITS; w * BITS < end; w++) {
		uint64_t bits = mask(w, first, end);

		if ((load(&map[w]) & bits) != bits)
			__atomic_fetch_or(&map[w], bits, __ATOMIC_RELAXED);
	}
}

void page_map_clear(uint64_t *map, uint64_t first, uint64_t end)
{
	for (uint64_t w = first / BITS; w * BITS < end; w++) {
		uint64_t bits = mask(w, first, end);

		if (load(&map[w]) & bits)
			__atomic_fetch_and(&map[w], ~bits, __ATOMIC_RELAXED);
	}
}

bool page_map_used(const uint64_t *map, uint64_t page)
{
	return load(&map[page / BITS]) >> page % BITS & 1;
}

uint64_t page_map_run_end(const uint64_t *map, uint64_t page, uint64_t end)
{
	uint64_t same = page_map_used(map, page) ? UINT64_MAX : 0;

	for (uint64_t w = page / BITS; w * BITS < end; w++) {
		uint64_t differ = (load(&map[w]) ^ same) & mask(w, page, end);

		if (differ)
			return w * BITS + __builtin_ctzll(differ);
	}
	return end;
}
