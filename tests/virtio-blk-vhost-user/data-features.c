/* SPDX-License-Identifier: MIT */
/*
 * Data gets through on every kind of ring that a server can ask for: split
 * and packed, of few entries, without indirect descriptors, with event
 * indices, in order; memory told of by slot, or in one table.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define PARTS 32u /* of the disk; one request at a time is at each */
#define PART_BYTES (FAKE_BYTES / PARTS)
#define PART_BLOCKS (PART_BYTES / 512)
#define REQUESTS 400
#define MAX_PIECES 6

/* A part of the disk, and the request that is at it */
struct part {
	uint8_t want[PART_BYTES]; /* what the disk holds, or will */
	uint8_t *buf;		  /* as large */
	struct iovec iov[MAX_PIECES];
	unsigned block, nr_blocks;
	bool reads;
};

static struct part parts[PARTS];
static uint32_t seed;

static unsigned rnd(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint64_t)seed * below >> 32;
}

/* The request's bytes of buf, in as many pieces as there may be. */
static int make_iov(struct part *p, int max_pieces)
{
	uint8_t *at = p->buf;
	unsigned left = p->nr_blocks * 512;
	int n = 0, nr = 1 + (int)rnd((unsigned)MIN(max_pieces, MAX_PIECES));

	for (; n + 1 < nr && left > 1; n++) {
		unsigned len = 1 + rnd(left - 1);

		p->iov[n] = (struct iovec){at, len};
		at += len;
		left -= len;
	}
	p->iov[n++] = (struct iovec){at, left};
	return n;
}

static void submit(struct fake *f, struct part *p, int max_pieces)
{
	size_t len;
	uint64_t start;
	int nr;

	p->block = rnd(PART_BLOCKS);
	p->nr_blocks = 1 + rnd(PART_BLOCKS - p->block);
	p->reads = false;
	start = (uint64_t)(p - parts) * PART_BYTES + p->block * 512;
	len = p->nr_blocks * 512;
	nr = make_iov(p, max_pieces);
	switch (rnd(8)) {
	case 0:
		blkioq_write_zeroes(f->q, start, len, p, 0);
		memset(p->want + p->block * 512, 0, len);
		return;
	case 1:
		blkioq_discard(f->q, start, len, p, 0);
		memset(p->want + p->block * 512, 0, len);
		return;
	case 2:
	case 3:
	case 4:
		for (size_t i = 0; i < len; i++)
			p->buf[i] = rnd(256);
		memcpy(p->want + p->block * 512, p->buf, len);
		blkioq_writev(f->q, start, p->iov, nr, p,
			      rnd(2) ? BLKIO_REQ_FUA : 0);
		return;
	}
	memset(p->buf, 0xee, len);
	p->reads = true;
	if (rnd(2))
		blkioq_read(f->q, start, p->buf, len, p, 0);
	else
		blkioq_readv(f->q, start, p->iov, nr, p, 0);
}

static void check_done(const struct blkio_completion *c)
{
	struct part *p = c->user_data;

	check_int(c->ret, 0);
	if (p->reads)
		check(memcmp(p->buf, p->want + p->block * 512,
			     p->nr_blocks * 512) == 0);
}

static void run(struct fake *f, int max_pieces)
{
	struct blkio_completion c[PARTS];
	int submitted = 0, completed = 0, n;

	for (; submitted < (int)PARTS; submitted++)
		submit(f, &parts[submitted], max_pieces);
	while (completed < submitted) {
		struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};

		n = blkioq_do_io(f->q, c, 1, PARTS, &timeout);
		check_ok(n);
		completed += n;
		for (int i = 0; i < n; i++) {
			check_done(&c[i]);
			if (submitted < REQUESTS) {
				submit(f, c[i].user_data, max_pieces);
				submitted++;
			}
		}
	}
}

static void check_kind(uint64_t features, bool slots, const char *props)
{
	struct blkio_mem_region r[2];
	int max_segments;
	struct fake f;

	fake_init(&f);
	f.features &= ~(VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX);
	f.features |= features;
	if (!slots)
		f.protocol_features &=
			~VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS;
	f.props = props;
	fake_start(&f);
	check_ok(blkio_get_int(f.b, "max-segments", &max_segments));
	for (int i = 0; i < 2; i++)
		r[i] = fake_region(&f, FAKE_BYTES / 2);
	memset(parts, 0, sizeof(parts));
	for (unsigned i = 0; i < PARTS; i++)
		parts[i].buf = (uint8_t *)r[i % 2].addr + i / 2 * PART_BYTES;
	run(&f, max_segments);
	/* the regions change under a queue that goes on */
	blkio_unmap_mem_region(f.b, &r[1]);
	for (unsigned i = 0; i < PARTS; i++)
		parts[i].buf = r[0].addr;
	blkioq_read(f.q, 0, parts[0].buf, PART_BYTES, NULL, 0);
	check_int(test_result(f.q), 0);
	check(memcmp(parts[0].buf, parts[0].want, PART_BYTES) == 0);
	check_int(f.driver_features & ~f.features, 0);
	check_int(f.driver_features & features, features);
	fake_end(&f);
}

int main(void)
{
	static const uint64_t rings[] = {
		VIRTIO_F_RING_PACKED,
		VIRTIO_F_INDIRECT_DESC,
		VIRTIO_F_EVENT_IDX,
		VIRTIO_F_IN_ORDER,
	};
	static const char *const props[] = {
		"queue-size=8",
		"queue-size=128",
		"queue-size=4 num-queues=0 num-poll-queues=1",
	};

	for (unsigned set = 0; set < 1u << ARRAY_SIZE(rings); set++) {
		uint64_t features = 0;

		for (unsigned i = 0; i < ARRAY_SIZE(rings); i++)
			features |= set & 1u << i ? rings[i] : 0;
		for (unsigned i = 0; i < ARRAY_SIZE(props); i++)
			check_kind(features, (set + i) % 2, props[i]);
	}
	return 0;
}
