/* SPDX-License-Identifier: MIT */
/*
 * Hands out runs of equal granules of some memory. It only counts: what it
 * knows is kept apart from the memory, which others may be able to write.
 *
 * Free runs are in bins by length, up to ARENA_TAKE_MAX one for each length
 * and one for all above. Taking is best fit: the first bin that is not empty
 * from the wanted length on. Giving back joins a run with its free
 * neighbours. Both take constant time.
 *
 * Nothing fails but arena_init(), for want of memory. Threads: one.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stdint.h>

#define ARENA_TAKE_MAX 256	 /* granules taken at a time */
#define ARENA_GRANULES_MAX 32768 /* of an arena */

/* At a run's first granule, and at its last one, but for the links. */
struct arena_run {
	uint16_t len; /* granules */
	uint16_t free;
	uint16_t prev, next; /* free runs in the same bin: first granules */
};

struct arena {
	struct arena_run *runs; /* of each granule; NULL: no arena */
	unsigned nr;		/* granules */
	unsigned nr_used;	/* of them */
	uint64_t filled[ARENA_TAKE_MAX / 64]; /* bits: bins that have a run */
	uint16_t bins[ARENA_TAKE_MAX];	      /* their first runs */
};

/* nr granules, from 1 to ARENA_GRANULES_MAX, all free. 0 or -ENOMEM. */
int arena_init(struct arena *a, unsigned nr);
void arena_exit(struct arena *a);

/* The first of nr granules in a row (1 to ARENA_TAKE_MAX), or -1. */
int arena_take(struct arena *a, unsigned nr);

/* Give back what arena_take() returned. */
void arena_give(struct arena *a, unsigned first);

#endif
