/* SPDX-License-Identifier: MIT */
/* Requests that are copied share a bounded pool: many at once wait for each
 * other, and all are done. */
/*
 * bounce-bound DISK: reads of 1 MiB into memory that DISK does not take.
 */
#include <stdlib.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

enum { REQUESTS = 100, BYTES = 1 << 20 };

static struct node *node;
static int done;
static size_t most_bytes, most_used;

static void co_read(void *opaque)
{
	const struct bounce *b = &node->loops[0].bounce;
	char *buf = malloc(BYTES + 1);

	check_int(node_co_pread(node, 0, buf + 1, BYTES, 0), 0);
	most_bytes = MAX(most_bytes, b->mem.len);
	most_used = MAX(most_used, b->arena.nr_used);
	free(buf);
	done++;
}

static bool all_done(void *opaque)
{
	return done == REQUESTS;
}

int main(int argc, char **argv)
{
	struct bounce *b;

	check_int(argc, 2);
	test_begin();
	node = open_disk(argv[1]);
	b = &node->loops[0].bounce;
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_read, NULL), 0);
	loop_run_until(test_loop, all_done, NULL);
	/* it grew as far as it may, and those who were done were not alone:
	 * how many others there were is a matter of speed */
	check_int(most_bytes, NODE_LOOP_BOUNCE_MAX);
	check(most_used * node->bounce_granule >= BYTES);
	check_int(b->arena.nr_used, 0);
	check_int(b->waiting_bytes, 0);
	/* memory of the device stays, memory of the heap doesn't */
	check_int(b->mem.len,
		  node->limits.needs_regions ? NODE_LOOP_BOUNCE_MAX : 0);
	close_disk(node);
	test_end();
	return 0;
}
