/* SPDX-License-Identifier: MIT */
/* A nested loop run amid completions sees each request complete once. */
#include "tests/block/node_test.h"

enum { REQUESTS = 500 };

static struct node *node;
static int done, nested_runs, seen[REQUESTS];

static bool half_done(void *opaque)
{
	return done >= REQUESTS / 2;
}

static void run_nested(struct loop_bh *bh)
{
	nested_runs++;
	loop_run_until(test_loop, half_done, NULL);
}

static struct loop_bh bh;

static void co_read(void *opaque)
{
	int *me = opaque;
	char buf[512];

	check_int(node_co_pread(node, 0, buf, sizeof(buf), 0), 0);
	++*me;
	if (++done == 3)
		loop_bh_schedule(&bh);
}

static bool all_done(void *opaque)
{
	return done == REQUESTS;
}

int main(void)
{
	test_begin();
	loop_bh_init(&bh, test_loop, run_nested);
	node = open_disk("driver=null,size=1M,latency-us=100");
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_read, &seen[i]), 0);
	loop_run_until(test_loop, all_done, NULL);
	check_int(nested_runs, 1);
	for (int i = 0; i < REQUESTS; i++)
		check_int(seen[i], 1);
	close_disk(node);
	test_end();
	return 0;
}
