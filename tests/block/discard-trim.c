/* SPDX-License-Identifier: MIT */
/* Discards shrink to whole units, and never touch the bytes around. */
#include "tests/block/node_test.h"
#include "util/iov.h"

enum { SIZE = 256 * 1024 };

static char *buf;

static void co_fill(struct node *node)
{
	memset(buf, 0x55, SIZE);
	check_int(node_co_pwrite(node, 0, buf, SIZE, 0), 0);
}

/* After a discard of [offset, offset + len), exactly [from, to) is a hole. */
static void co_discard(struct node *node, unsigned offset, unsigned len,
		       unsigned from, unsigned to)
{
	struct node_extent extents[8];
	uint64_t holes = 0;
	int n;

	co_fill(node);
	check_int(node_co_discard(node, offset, len), 0);
	check_int(node_co_pread(node, 0, buf, SIZE, 0), 0);
	for (unsigned i = 0; i < SIZE; i++)
		check_int(buf[i], i >= from && i < to ? 0 : 0x55);
	n = node_co_block_status(node, 0, SIZE, extents, 8);
	check(n > 0);
	for (int i = 0; i < n; i++)
		if (extents[i].flags & NODE_EXTENT_HOLE)
			holes += extents[i].len;
	check_int(holes, to - from);
}

static void co_plain(void *opaque)
{
	co_discard(opaque, 0, 65536, 0, 65536);
	co_discard(opaque, 5000, 60000, 8192, 61440);
	co_discard(opaque, 5000, 100, 0, 0);
}

static void co_shifted(void *opaque)
{
	/* units of 16 KiB that begin at 4 KiB */
	co_discard(opaque, 0, 65536, 4096, 53248);
	co_discard(opaque, 20480, 16384, 20480, 36864);
	co_discard(opaque, 20481, 16384, 0, 0);
	co_discard(opaque, 0, 1000, 0, 0);
}

int main(void)
{
	struct node *node;

	test_begin();
	check(posix_memalign((void **)&buf, 4096, SIZE) == 0);
	node = open_disk("driver=ram,size=256K,discard-alignment=4096,"
			 "max-discard-len=16384");
	check_int(co_run(co_plain, node), 0);
	close_disk(node);
	node = open_disk("driver=ram,size=256K,discard-alignment=16384,"
			 "discard-alignment-offset=4096");
	check_int(co_run(co_shifted, node), 0);
	close_disk(node);
	free(buf);
	test_end();
	return 0;
}
