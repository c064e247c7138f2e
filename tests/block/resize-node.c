/* SPDX-License-Identifier: MIT */
/* A resized node has the new size at once; new bytes read as zeroes. */
#include "tests/block/node_test.h"
#include "util/iov.h"

static struct node *node;

static void co_grown(void *opaque)
{
	static char buf[131072];

	check_int(node_co_pread(node, 0, buf, sizeof(buf), 0), 0);
	check_int(buf[65535], 7);
	check(buf_is_zero(buf + 65536, 65536));
}

static void co_write_end(void *opaque)
{
	char seven = 7;

	check_int(node_co_pwrite(node, 65535, &seven, 1, 0), 0);
}

static void co_shrunk(void *opaque)
{
	char c;

	check_int(node_co_pread(node, 65535, &c, 1, 0), -EIO);
}

int main(void)
{
	struct err err = ERR_INIT;

	test_begin();
	node = open_disk("driver=ram,size=64K");
	check_int(co_run(co_write_end, NULL), 0);
	check_int(node_resize(node, 131072, &err), 0);
	check_int(node_size(node), 131072);
	check_int(co_run(co_grown, NULL), 0);
	check_int(node_resize(node, 4096, &err), 0);
	check_int(co_run(co_shrunk, NULL), 0);
	close_disk(node);

	node = open_disk("driver=ram,size=64K,request-alignment=4096");
	check_int(node_resize(node, 1000, &err), -EINVAL);
	check_int(node_size(node), 65536);
	close_disk(node);
	node = open_disk("driver=ram,size=64K,read-only=on");
	check_int(node_resize(node, 131072, &err), -EACCES);
	close_disk(node);
	test_end();
	return 0;
}
