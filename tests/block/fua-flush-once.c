/* SPDX-License-Identifier: MIT */
/* A FUA write in pieces costs one flush where the device has no FUA. */
#include "tests/block/node_test.h"

static char buf[65536];

/*
 * The null driver fails the first flush it sees, so a write that needs none
 * succeeds, one that ends with a flush fails, and the next one succeeds.
 */
static void co_no_fua(void *opaque)
{
	struct node *node = opaque;

	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), 0), 0);
	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), NODE_REQ_FUA),
		  -EIO);
	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), NODE_REQ_FUA), 0);
}

static void co_zeroes(void *opaque)
{
	struct node *node = opaque;

	check_int(node_co_write_zeroes(node, 0, 65536, 0), 0);
	check_int(node_co_write_zeroes(node, 0, 65536, NODE_REQ_FUA), -EIO);
	check_int(node_co_write_zeroes(node, 0, 65536, NODE_REQ_FUA), 0);
}

static void co_native(void *opaque)
{
	struct node *node = opaque;

	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), NODE_REQ_FUA), 0);
	check_int(node_co_flush(node), -EIO);
}

int main(void)
{
	const char *common = "driver=null,size=1M,max-transfer=4096,"
			     "max-write-zeroes-len=4096,"
			     "error-op=flush,error-count=1,"
			     "supports-fua-natively=";
	char disk[256];
	struct node *node;

	test_begin();
	snprintf(disk, sizeof(disk), "%soff", common);
	node = open_disk(disk);
	check_int(co_run(co_no_fua, node), 0);
	close_disk(node);
	node = open_disk(disk);
	check_int(co_run(co_zeroes, node), 0);
	close_disk(node);
	snprintf(disk, sizeof(disk), "%son", common);
	node = open_disk(disk);
	check_int(co_run(co_native, node), 0);
	close_disk(node);
	test_end();
	return 0;
}
