/* SPDX-License-Identifier: MIT */
/* Drain waits for requests in flight and holds new ones until undrain. */
#include "tests/block/node_test.h"

enum { REQUESTS = 8 };

static struct node *node;
static int done;

static void co_read(void *opaque)
{
	char buf[512];

	check_int(node_co_pread(node, 0, buf, sizeof(buf), 0), 0);
	done++;
}

static bool all_done(void *opaque)
{
	return done == *(int *)opaque;
}

int main(void)
{
	int want = 2 * REQUESTS;

	test_begin();
	node = open_disk("driver=ram,size=64K,latency-us=2000");
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_read, NULL), 0);
	check_int(node_in_flight(node), REQUESTS);
	check_int(done, 0);
	node_drain(node);
	check_int(done, REQUESTS);
	check_int(node_in_flight(node), 0);

	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_read, NULL), 0);
	for (int i = 0; i < 10; i++)
		loop_run_once(test_loop, false);
	check_int(done, REQUESTS);
	check_int(node_in_flight(node), REQUESTS);
	node_drain(node); /* nested */
	node_undrain(node);
	check_int(done, REQUESTS);
	node_undrain(node);
	loop_run_until(test_loop, all_done, &want);
	close_disk(node);
	test_end();
	return 0;
}
