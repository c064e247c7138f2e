/* SPDX-License-Identifier: MIT */
/* Closing a node waits for its requests, whose coroutines all end. */
#include "tests/block/node_test.h"

enum { REQUESTS = 200 };

static struct node *node;
static int done;

static void co_write(void *opaque)
{
	char buf[512] = "";

	check_int(node_co_pwrite(node, 512, buf, sizeof(buf), NODE_REQ_FUA), 0);
	done++;
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=1M,latency-us=1000,queue-depth=16");
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_write, NULL), 0);
	check_int(done, 0);
	close_disk(node);
	check_int(done, REQUESTS);
	test_end();
	return 0;
}
