/* SPDX-License-Identifier: MIT */
/* An arena hands out no granule twice, the smallest run that fits, and is
 * whole again when all have come back. */
#include <stdlib.h>

#include "tests/check.h"
#include "util/arena.h"
#include "util/compiler.h"

enum { GRANULES = 1500, STEPS = 200000 };

static unsigned char owner[GRANULES]; /* 1: taken */
static struct {
	int first;
	unsigned len;
} taken[GRANULES];
static unsigned nr_taken;

/* The shortest free run of at least len granules; 0: there is none */
static unsigned shortest_fit(unsigned len)
{
	unsigned best = 0, run = 0;

	for (unsigned i = 0; i <= GRANULES; i++) {
		if (i < GRANULES && !owner[i]) {
			run++;
			continue;
		}
		if (run >= len && (!best || run < best))
			best = run;
		run = 0;
	}
	return best;
}

static unsigned run_at(unsigned first)
{
	unsigned len = 0;

	while (first > 0 && !owner[first - 1])
		first--;
	while (first + len < GRANULES && !owner[first + len])
		len++;
	return len;
}

static void take(struct arena *a, unsigned len)
{
	unsigned fit = shortest_fit(len);
	int first = arena_take(a, len);

	if (!fit) {
		check_int(first, -1);
		return;
	}
	check(first >= 0 && first + len <= GRANULES);
	for (unsigned i = 0; i < len; i++)
		check(!owner[first + i]);
	if (fit < ARENA_TAKE_MAX) /* above, any of them will do */
		check_int(run_at((unsigned)first), fit);
	memset(owner + first, 1, len);
	taken[nr_taken].first = first;
	taken[nr_taken++].len = len;
}

static void give(struct arena *a, unsigned i)
{
	arena_give(a, (unsigned)taken[i].first);
	memset(owner + taken[i].first, 0, taken[i].len);
	taken[i] = taken[--nr_taken];
}

int main(void)
{
	unsigned seed = 1, used;
	struct arena a;

	check_int(arena_init(&a, GRANULES), 0);
	for (int step = 0; step < STEPS; step++) {
		unsigned pick = (unsigned)rand_r(&seed);
		unsigned len =
			pick % 3 ? pick % 16 + 1 : pick % ARENA_TAKE_MAX + 1;

		/* fuller and emptier in turns */
		if (!nr_taken || rand_r(&seed) % 16 < (step >> 12) % 16)
			take(&a, len);
		else
			give(&a, (unsigned)rand_r(&seed) % nr_taken);
		used = 0;
		for (unsigned i = 0; i < nr_taken; i++)
			used += taken[i].len;
		check_int(a.nr_used, used);
	}
	while (nr_taken)
		give(&a, 0);
	check_int(a.nr_used, 0);
	for (int i = 0; i < GRANULES / ARENA_TAKE_MAX; i++)
		take(&a, ARENA_TAKE_MAX);
	take(&a, GRANULES % ARENA_TAKE_MAX);
	check_int(a.nr_used, GRANULES);
	check_int(arena_take(&a, 1), -1);
	arena_exit(&a);
	return 0;
}
