/* SPDX-License-Identifier: MIT */
/* What each state allows: connect, start, queues and memory regions before
 * their time, in time and twice. */
#include "tests/libblkio/blkio_test.h"

static void check_created(struct blkio *b)
{
	struct blkio_mem_region r = {.addr = b, .len = 1, .fd = -1};

	check_fails(blkio_start(b), ENODEV, "Device must be connected");
	check_fails(blkio_add_queue(b), EBUSY, "Device must be started");
	check_fails(blkio_add_poll_queue(b), EBUSY, "Device must be started");
	check_fails(blkio_remove_queue(b, 0), ENOENT, "no queue with index 0");
	check(!blkio_get_queue(b, 0));
	check(!blkio_get_poll_queue(b, 0));
	check_fails(blkio_alloc_mem_region(b, &r, 1), ENODEV, "connected");
	check_fails(blkio_map_mem_region(b, &r), EBUSY, "must be started");
	check_fails(blkio_resize(b, 4096), ENODEV, "connected");
}

static void check_connected(struct blkio *b)
{
	struct blkio_mem_region r;

	check_ok(blkio_connect(b));
	check_fails(blkio_add_queue(b), EBUSY, "Device must be started");
	check_fails(blkio_remove_poll_queue(b, -1), ENOENT,
		    "no queue with index -1");
	check(!blkio_get_queue(b, 0));
	check_ok(blkio_alloc_mem_region(b, &r, 4096));
	check_fails(blkio_map_mem_region(b, &r), EBUSY, "must be started");
	blkio_unmap_mem_region(b, &r);
	blkio_free_mem_region(b, &r);
}

static void check_started(struct blkio *b)
{
	struct blkio_mem_region r;

	check_ok(blkio_start(b));
	check_fails(blkio_connect(b), EBUSY, "started state");
	check(blkio_get_queue(b, 0));
	check(!blkio_get_queue(b, 1));
	check(!blkio_get_queue(b, -1));
	check(!blkio_get_poll_queue(b, 0));
	check_ok(blkio_alloc_mem_region(b, &r, 4096));
	check_ok(blkio_map_mem_region(b, &r));
	blkio_unmap_mem_region(b, &r);
	blkio_free_mem_region(b, &r);
}

/* Where the alignment of regions is not known before, it's -ENODEV. */
static void check_map_early(void)
{
	struct blkio_mem_region r = {.addr = &r, .len = 1, .fd = -1};
	struct blkio *b;

	if (blkio_create("io_uring", &b) < 0)
		return; /* a build without it */
	check_fails(blkio_map_mem_region(b, &r), ENODEV, "must be connected");
	blkio_destroy(&b);
}

int main(void)
{
	struct blkio *b = test_create("ram", "size=1048576");

	check_created(b);
	check_ok(blkio_connect(b));
	check_connected(b);
	check_ok(blkio_start(b));
	check_started(b);
	blkio_destroy(&b);
	check_map_early();
	return 0;
}
