/* SPDX-License-Identifier: MIT */
/* Requests made while there is no memory fail, and they alone: those in
 * flight complete, and the node serves on when memory is back. */
#include <stdlib.h>

#include "tests/block/node_test.h"

enum { REQUESTS = 200 };

void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

static bool no_memory;
static struct node *node;
static int done, failed;

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return no_memory ? NULL : __real_aligned_alloc(align, size);
}

static void co_write(void *opaque)
{
	char buf[512] = "";
	int ret = node_co_pwrite(node, 0, buf, sizeof(buf), 0);

	if (ret < 0)
		check_int(ret, -ENOMEM);
	failed += ret < 0;
	done++;
}

static bool all_done(void *opaque)
{
	return done == *(int *)opaque;
}

static void start_all(int want)
{
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_write, NULL), 0);
	loop_run_until(test_loop, all_done, &want);
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=64K,latency-us=1000");
	no_memory = true;
	start_all(REQUESTS);
	fprintf(stderr, "%d of %d failed\n", failed, REQUESTS);
	check(failed > 0 && failed < REQUESTS);
	no_memory = false;
	failed = 0;
	start_all(2 * REQUESTS);
	check_int(failed, 0);
	close_disk(node);
	test_end();
	return 0;
}
