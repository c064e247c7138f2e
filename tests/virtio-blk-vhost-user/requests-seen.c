/* SPDX-License-Identifier: MIT */
/*
 * What the server sees of a request: write zeroes and discard in ranges that
 * it can do, one after the other, FUA as a flush after the write, and nothing
 * at all of a request that can't be.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define ZEROES VIRTIO_BLK_T_WRITE_ZEROES
#define UNMAP VIRTIO_BLK_SEGMENT_UNMAP

#define A_FLUSH                                         \
	{                                               \
		.type = VIRTIO_BLK_T_FLUSH, .sector = 0 \
	}
#define A_DISCARD(sector, nr)                       \
	{                                           \
		VIRTIO_BLK_T_DISCARD, sector, nr, 0 \
	}
#define A_TRANSFER(way, sector, nr)               \
	{                                         \
		VIRTIO_BLK_T_##way, sector, nr, 0 \
	}

static struct fake f;
static struct blkio_mem_region r;

static void check_seen(const struct fake_seen *want, unsigned nr)
{
	struct fake_seen seen[64];

	check_int(fake_take_seen(&f, seen, ARRAY_SIZE(seen)), nr);
	for (unsigned i = 0; i < nr; i++) {
		check_int(seen[i].type, want[i].type);
		check_int(seen[i].sector, want[i].sector);
		check_int(seen[i].nr_sectors, want[i].nr_sectors);
		check_int(seen[i].flags, want[i].flags);
	}
}

/* The one request that was submitted comes to ret; the server has seen that. */
#define SEES(ret, ...)                                   \
	do {                                             \
		struct fake_seen want[] = {__VA_ARGS__}; \
		check_int(test_result(f.q), ret);        \
		check_seen(want, ARRAY_SIZE(want));      \
	} while (0)
#define REFUSED(errno_)                                 \
	do {                                            \
		check_int(test_result(f.q), -(errno_)); \
		check_seen(NULL, 0);                    \
	} while (0)

static void check_ranges(void)
{
	/* 128 sectors of zeroes in a request, 256 of discard */
	blkioq_write_zeroes(f.q, 512, 128 * 512, NULL, 0);
	SEES(0, {ZEROES, 1, 128, UNMAP});
	blkioq_write_zeroes(f.q, 0, 300 * 512, NULL, BLKIO_REQ_NO_UNMAP);
	SEES(0, {ZEROES, 0, 128, 0}, {ZEROES, 128, 128, 0},
	     {ZEROES, 256, 44, 0});
	blkioq_write_zeroes(f.q, 0, 129 * 512, NULL, BLKIO_REQ_FUA);
	SEES(0, {ZEROES, 0, 128, UNMAP}, {ZEROES, 128, 1, UNMAP}, A_FLUSH);
	blkioq_discard(f.q, 512, 257 * 512, NULL, 0);
	SEES(0, A_DISCARD(1, 256), A_DISCARD(257, 1));
	blkioq_discard(f.q, 0, FAKE_BYTES, NULL, 0);
	SEES(0, A_DISCARD(0, 256), A_DISCARD(256, 256), A_DISCARD(512, 256),
	     A_DISCARD(768, 256), A_DISCARD(1024, 256), A_DISCARD(1280, 256),
	     A_DISCARD(1536, 256), A_DISCARD(1792, 256));
}

static void check_fua(void)
{
	blkioq_write(f.q, 512, r.addr, 1024, NULL, 0);
	SEES(0, A_TRANSFER(OUT, 1, 2));
	blkioq_write(f.q, 512, r.addr, 1024, NULL, BLKIO_REQ_FUA);
	SEES(0, A_TRANSFER(OUT, 1, 2), A_FLUSH);
	blkioq_flush(f.q, NULL, 0);
	SEES(0, A_FLUSH);
}

static void check_refused(void)
{
	char unmapped[512];
	struct iovec iov[2] = {{r.addr, 512}, {unmapped, 512}};
	struct iovec many[17];

	blkioq_read(f.q, FAKE_BYTES, r.addr, 512, NULL, 0);
	REFUSED(EINVAL);
	blkioq_read(f.q, FAKE_BYTES - 512, r.addr, 1024, NULL, 0);
	REFUSED(EINVAL);
	blkioq_write(f.q, UINT64_MAX - 511, r.addr, 1024, NULL, 0);
	REFUSED(EINVAL);
	blkioq_write_zeroes(f.q, 512, FAKE_BYTES, NULL, 0);
	REFUSED(EINVAL);
	blkioq_discard(f.q, 512, UINT64_MAX - 511, NULL, 0);
	REFUSED(EINVAL);
	blkioq_read(f.q, 1, r.addr, 512, NULL, 0);
	REFUSED(EINVAL);
	blkioq_write(f.q, 0, r.addr, 511, NULL, 0);
	REFUSED(EINVAL);
	blkioq_read(f.q, 0, unmapped, 512, NULL, 0);
	REFUSED(EFAULT);
	blkioq_writev(f.q, 0, iov, 2, NULL, 0);
	REFUSED(EFAULT);
	blkioq_write(f.q, 0, (char *)r.addr + r.len - 512, 1024, NULL, 0);
	REFUSED(EFAULT);
	for (int i = 0; i < 17; i++)
		many[i] = (struct iovec){r.addr, 512};
	blkioq_writev(f.q, 0, many, 17, NULL, 0);
	REFUSED(EINVAL);
	blkioq_get_id(f.q, NULL, NULL, 0);
	REFUSED(EFAULT);
	/* the last ones that can be */
	blkioq_read(f.q, FAKE_BYTES - 512, r.addr, 512, NULL, 0);
	SEES(0, A_TRANSFER(IN, FAKE_SECTORS - 1, 1));
	blkioq_writev(f.q, 0, many, 16, NULL, 0);
	SEES(0, A_TRANSFER(OUT, 0, 16));
	/* and those that are nothing */
	blkioq_read(f.q, UINT64_MAX - 511, NULL, 0, NULL, 0);
	check_int(test_result(f.q), 0);
	blkioq_discard(f.q, 0, 0, NULL, 0);
	check_int(test_result(f.q), 0);
	check_seen(NULL, 0);
}

int main(void)
{
	fake_init(&f);
	fake_start(&f);
	r = fake_region(&f, 16 * 512);
	check_ranges();
	check_fua();
	check_refused();
	fake_end(&f);
	return 0;
}
