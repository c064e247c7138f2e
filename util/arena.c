/* SPDX-License-Identifier: MIT */
/*
 * Runs of granules: see arena.h.
 *
 * Every run is described at both of its ends, so that the neighbours of one
 * that comes back are found at the granules next to it. What lies inside of a
 * run is stale and never looked at.
 */
#include "util/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/compiler.h"

#define NIL UINT16_MAX

static unsigned bin_of(unsigned len)
{
	return MIN(len, (unsigned)ARENA_TAKE_MAX) - 1;
}

static void describe(struct arena *a, unsigned first, unsigned len, bool free)
{
	struct arena_run *head = &a->runs[first], *tail = head + len - 1;

	head->len = tail->len = (uint16_t)len;
	head->free = tail->free = free;
}

static void insert(struct arena *a, unsigned first, unsigned len)
{
	unsigned bin = bin_of(len);
	struct arena_run *run = &a->runs[first];

	describe(a, first, len, true);
	run->prev = NIL;
	run->next = a->bins[bin];
	if (run->next != NIL)
		a->runs[run->next].prev = (uint16_t)first;
	a->bins[bin] = (uint16_t)first;
	a->filled[bin / 64] |= UINT64_C(1) << bin % 64;
}

static void remove_run(struct arena *a, unsigned first)
{
	const struct arena_run *run = &a->runs[first];
	unsigned bin = bin_of(run->len);

	if (run->next != NIL)
		a->runs[run->next].prev = run->prev;
	if (run->prev != NIL)
		a->runs[run->prev].next = run->next;
	else
		a->bins[bin] = run->next;
	if (a->bins[bin] == NIL)
		a->filled[bin / 64] &= ~(UINT64_C(1) << bin % 64);
}

int arena_init(struct arena *a, unsigned nr)
{
	assert(nr > 0 && nr <= ARENA_GRANULES_MAX);
	*a = (struct arena){.nr = nr};
	a->runs = malloc(nr * sizeof(*a->runs));
	if (!a->runs)
		return -ENOMEM;
	for (unsigned bin = 0; bin < ARENA_TAKE_MAX; bin++)
		a->bins[bin] = NIL;
	insert(a, 0, nr);
	return 0;
}

void arena_exit(struct arena *a)
{
	free(a->runs);
	*a = (struct arena){.runs = NULL};
}

/* The first bin from the given one on that has a run, or -1. */
static int filled_bin(const struct arena *a, unsigned bin)
{
	unsigned word = bin / 64;
	uint64_t bits = a->filled[word] & ~UINT64_C(0) << bin % 64;

	while (!bits) {
		if (++word == ARRAY_SIZE(a->filled))
			return -1;
		bits = a->filled[word];
	}
	return (int)(word * 64) + __builtin_ctzll(bits);
}

int arena_take(struct arena *a, unsigned nr)
{
	int bin = filled_bin(a, bin_of(nr));
	unsigned first, len;

	if (bin < 0)
		return -1;
	first = a->bins[bin];
	len = a->runs[first].len;
	remove_run(a, first);
	if (len > nr)
		insert(a, first + nr, len - nr);
	describe(a, first, nr, false);
	a->nr_used += nr;
	return (int)first;
}

void arena_give(struct arena *a, unsigned first)
{
	unsigned len = a->runs[first].len, end = first + len;

	a->nr_used -= len;
	if (end < a->nr && a->runs[end].free) {
		len += a->runs[end].len;
		remove_run(a, end);
	}
	if (first > 0 && a->runs[first - 1].free) {
		unsigned before = a->runs[first - 1].len;

		first -= before;
		len += before;
		remove_run(a, first);
	}
	insert(a, first, len);
}
