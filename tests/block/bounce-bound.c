/* SPDX-License-Identifier: MIT */
/* Misaligned requests share a bounded amount of bounce buffers: many at once
 * wait for each other, and all are done. */
#include <stdlib.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

enum { REQUESTS = 100, BYTES = 1 << 20 };

static struct node *node;
static int done;
static size_t most_bytes;

static void co_read(void *opaque)
{
	char *buf = malloc(BYTES + 1);

	check_int(node_co_pread(node, 1, buf + 1, BYTES, 0), 0);
	most_bytes = MAX(most_bytes, node->loops[0].bounce_bytes);
	free(buf);
	done++;
}

static bool all_done(void *opaque)
{
	return done == REQUESTS;
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=4M,request-alignment=512,"
			 "buf-alignment=512,latency-us=500");
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_read, NULL), 0);
	check_int(node->loops[0].bounce_bytes, NODE_LOOP_BOUNCE_MAX);
	loop_run_until(test_loop, all_done, NULL);
	check(most_bytes <= NODE_LOOP_BOUNCE_MAX);
	check_int(node->loops[0].bounce_bytes, 0);
	close_disk(node);
	test_end();
	return 0;
}
