/* SPDX-License-Identifier: MIT */
/* Requests beyond the size, or on a read-only node, are refused. */
#include "tests/block/node_test.h"

static struct node *node;

static void co_ranges(void *opaque)
{
	static char buf[4096];
	struct node_extent extent;

	check_int(node_co_pread(node, 61440, buf, 4096, 0), 0);
	check_int(node_co_pread(node, 65536, buf, 0, 0), 0);
	check_int(node_co_pread(node, 61441, buf, 4096, 0), -EIO);
	check_int(node_co_pread(node, UINT64_MAX, buf, 4096, 0), -EIO);
	check_int(node_co_pread(node, 0, buf, 4096, NODE_REQ_FUA), -EINVAL);
	check_int(node_co_pwrite(node, 61441, buf, 4096, 0), -ENOSPC);
	check_int(node_co_pwrite(node, 0, buf, 4096, 64), -EINVAL);
	check_int(node_co_write_zeroes(node, 1, UINT64_MAX, 0), -ENOSPC);
	check_int(node_co_discard(node, 1, 65536), -ENOSPC);
	check_int(node_co_block_status(node, 1, 65536, &extent, 1), -EIO);
	check_int(node_co_block_status(node, 0, 1, &extent, 0), -EINVAL);
}

static void co_read_only(void *opaque)
{
	static char buf[512];

	check_int(node_co_pread(node, 0, buf, 512, 0), 0);
	check_int(node_co_pwrite(node, 0, buf, 512, 0), -EPERM);
	check_int(node_co_write_zeroes(node, 0, 512, 0), -EPERM);
	check_int(node_co_discard(node, 0, 512), -EPERM);
	check_int(node_co_flush(node), 0);
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=64K");
	check_int(node_size(node), 65536);
	check_int(co_run(co_ranges, NULL), 0);
	close_disk(node);
	node = open_disk("driver=ram,size=64K,read-only=on");
	check(node_read_only(node));
	check_int(co_run(co_read_only, NULL), 0);
	close_disk(node);
	test_end();
	return 0;
}
