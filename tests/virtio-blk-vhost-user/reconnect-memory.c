/* SPDX-License-Identifier: MIT */
/*
 * While there is no server, regions can be mapped and unmapped, and an
 * instance started: the next server knows what counts then.
 */
#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/daemon_test.h"

static void write_block(struct disk *d, void *buf, int ret)
{
	memset(buf, 0x33, BLOCK);
	blkioq_write(d->q, 0, buf, BLOCK, NULL, 0);
	check_int(test_result(d->q), ret);
}

static void read_block(struct disk *d, void *buf)
{
	memset(buf, 0, BLOCK);
	blkioq_read(d->q, 0, buf, BLOCK, NULL, 0);
	check_int(test_result(d->q), 0);
	check_int(((char *)buf)[BLOCK - 1], 0x33);
}

static void check_regions(void)
{
	struct disk d = {.props = "reconnect-ms=1"};
	struct blkio_mem_region old, new;

	disk_start(&d, false);
	check_ok(blkio_alloc_mem_region(d.b, &old, BLOCK));
	check_ok(blkio_alloc_mem_region(d.b, &new, BLOCK));
	check_ok(blkio_map_mem_region(d.b, &old));
	disk_kill(&d);
	await_connection(d.b, BLKIO_CONNECTION_RECONNECTING);
	check_ok(blkio_map_mem_region(d.b, &new));
	blkio_unmap_mem_region(d.b, &old);
	check_int(blkio_resize(d.b, DISK_BYTES), -ENOTSUP);
	disk_serve_again(&d);
	write_block(&d, new.addr, 0);
	read_block(&d, d.r.addr);
	write_block(&d, old.addr, -EFAULT);
	/* no longer in its way, and no less well known than the others */
	await_connection(d.b, BLKIO_CONNECTION_UP);
	check_ok(blkio_map_mem_region(d.b, &old));
	write_block(&d, old.addr, 0);
	disk_end(&d);
}

static void check_start(bool poll)
{
	struct disk d = {.props = "reconnect-ms=1"};
	struct timespec at_once = {.tv_nsec = 1};
	struct blkio_completion c;

	disk_connect(&d, poll);
	disk_kill(&d);
	await_connection(d.b, BLKIO_CONNECTION_RECONNECTING);
	disk_go(&d);
	memset(d.r.addr, 0x33, BLOCK);
	blkioq_write(d.q, 0, d.r.addr, BLOCK, NULL, 0);
	check_int(blkioq_do_io(d.q, &c, 1, 1, &at_once), -ETIME);
	disk_serve_again(&d);
	check_int(test_result(d.q), 0);
	read_block(&d, d.r.addr);
	disk_end(&d);
}

int main(void)
{
	check_regions();
	check_start(false);
	check_start(true);
	return 0;
}
