/* SPDX-License-Identifier: MIT */
/* Block status tells data from holes, merged, within the range asked. */
#include "tests/block/node_test.h"

static void co_status(void *opaque)
{
	struct node *node = opaque;
	struct node_extent e[8];
	static char buf[65536];
	int n;

	memset(buf, 1, sizeof(buf));
	check_int(node_co_block_status(node, 0, 1 << 20, e, 8), 1);
	check_int(e[0].len, 1 << 20);
	check_int(e[0].flags, NODE_EXTENT_ZERO | NODE_EXTENT_HOLE);
	check_int(node_co_pwrite(node, 65536, buf, 65536, 0), 0);
	check_int(node_co_pwrite(node, 131072, buf, 65536, 0), 0);
	n = node_co_block_status(node, 4096, (1 << 20) - 4096, e, 8);
	check_int(n, 3);
	check_int(e[0].len, 61440);
	check_int(e[1].len, 131072);
	check_int(e[1].flags, 0);
	check_int(e[2].len, (1 << 20) - 196608);
	/* fewer entries than extents: the first ones */
	check_int(node_co_block_status(node, 0, 1 << 20, e, 1), 1);
	check_int(e[0].len, 65536);
	check_int(node_co_block_status(node, 70000, 10, e, 8), 1);
	check_int(e[0].len, 10);
	check_int(e[0].flags, 0);
	check_int(node_co_block_status(node, 1 << 20, 0, e, 8), 0);
}

/* A device without block status reports data. */
static void co_none(void *opaque)
{
	struct node_extent e[2];

	check_int(node_co_block_status(opaque, 0, 4096, e, 2), 1);
	check_int(e[0].len, 4096);
	check_int(e[0].flags, 0);
}

int main(void)
{
	struct node *node;

	test_begin();
	node = open_disk("driver=ram,size=1M");
	check_int(co_run(co_status, node), 0);
	close_disk(node);
	node = open_disk("driver=ram,size=1M,error-op=block-status,"
			 "error-errno=95");
	check_int(co_run(co_none, node), 0);
	close_disk(node);
	test_end();
	return 0;
}
