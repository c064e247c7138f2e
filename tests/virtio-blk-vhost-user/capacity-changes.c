/* SPDX-License-Identifier: MIT */
/*
 * Requests are held against the capacity as last heard of: looking at the
 * property is hearing. A new one that can't be is an error, and changes
 * nothing.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

/* The server's hook: with each flush it has the next size. */
static uint8_t resize(struct fake *f, uint8_t status)
{
	uint64_t **next = f->arg;

	f->config.capacity = *(*next)++;
	return status;
}

static void flush(struct fake *f)
{
	blkioq_flush(f->q, NULL, 0);
	check_int(test_result(f->q), 0);
}

static int read_at(struct fake *f, const struct blkio_mem_region *r,
		   uint64_t sector)
{
	blkioq_read(f->q, sector * 512, r->addr, 512, NULL, 0);
	return test_result(f->q);
}

int main(void)
{
	/* a read moves on, as well */
	uint64_t sizes[] = {100,	  100,		UINT64_MAX,  UINT64_MAX,
			    FAKE_SECTORS, FAKE_SECTORS, FAKE_SECTORS};
	uint64_t *next = sizes, capacity;
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.on_status = resize;
	f.arg = &next;
	fake_start(&f);
	r = fake_region(&f, 512);
	flush(&f);
	check_int(test_u64(f.b, "capacity"), 100 * 512);
	check_int(read_at(&f, &r, 100), -EINVAL);
	check_int(read_at(&f, &r, 99), 0);
	flush(&f);
	check_fails(blkio_get_uint64(f.b, "capacity", &capacity), EIO,
		    "capacity");
	check_int(read_at(&f, &r, 100), -EINVAL);
	check_int(read_at(&f, &r, 99), 0);
	flush(&f);
	check_int(read_at(&f, &r, 100), -EINVAL);
	check_int(test_u64(f.b, "capacity"), FAKE_BYTES);
	check_int(read_at(&f, &r, FAKE_SECTORS - 1), 0);
	fake_end(&f);
	return 0;
}
