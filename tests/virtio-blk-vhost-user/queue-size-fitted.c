/* SPDX-License-Identifier: MIT */
/*
 * A server that has smaller rings than wanted gets half of that, and so on;
 * queue-size then tells what is used, and more requests than that wait their
 * turn. One that takes no size that can work is refused.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define REQUESTS 100

static void check_fitted(uint32_t max_size, int want, unsigned refused)
{
	struct blkio_completion c[REQUESTS];
	struct blkio_mem_region r;
	struct fake f;
	int size;

	fake_init(&f);
	f.max_size = max_size;
	fake_start(&f);
	check_ok(blkio_get_int(f.b, "queue-size", &size));
	check_int(size, want);
	r = fake_region(&f, 4096);
	for (int i = 0; i < REQUESTS; i++)
		blkioq_write(f.q, 0, r.addr, 4096, NULL, BLKIO_REQ_FUA);
	test_wait(f.q, c, REQUESTS);
	for (int i = 0; i < REQUESTS; i++)
		check_int(c[i].ret, 0);
	fake_end(&f);
	check_int(f.nr_sizes_refused, refused);
}

static void check_refused(uint64_t without, uint32_t max_size, unsigned refused)
{
	struct fake f;
	int size;

	fake_init(&f);
	f.features &= ~without;
	f.max_size = max_size;
	fake_create(&f);
	check_ok(blkio_connect(f.b));
	f.client = -1;
	check_fails(blkio_start(f.b), EIO, "SET_VRING_NUM");
	check_ok(blkio_get_int(f.b, "queue-size", &size));
	check_int(size, 256);
	fake_end(&f);
	check_int(f.nr_sizes_refused, refused);
}

int main(void)
{
	check_fitted(VQ_SIZE_MAX, 256, 0);
	check_fitted(256, 256, 0);
	check_fitted(255, 128, 1);
	check_fitted(16, 16, 4);
	check_fitted(1, 1, 8);
	check_refused(0, 0, 9);
	check_refused(VIRTIO_F_INDIRECT_DESC, 3, 7);
	return 0;
}
