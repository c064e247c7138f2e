/* SPDX-License-Identifier: MIT */
/*
 * Memory of several regions: a buffer that lies in two or three adjacent ones
 * is split where they meet, an indirect table that does is read all the same,
 * and a hole between regions is no memory. Each on its own takes room.
 */
#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define PART 4096u

static struct pair p;
static struct guest_region regions[4];
static char *parts[3]; /* in memory of ours: not one behind the other */

/* The pair's memory, then behind a hole three small ones in a row */
static void open_regions(uint64_t features, uint32_t tables)
{
	pair_open(&p, 8, features, tables);
	regions[0] = p.region;
	for (unsigned i = 0; i < 3; i++) {
		parts[2 - i] = malloc(PART); /* just big enough, for ASan */
		check(parts[2 - i]);
	}
	for (unsigned i = 0; i < 3; i++)
		regions[1 + i] = (struct guest_region){
			.addr = GUEST + (1u << 30) + i * PART,
			.size_bytes = PART,
			.host = parts[i],
		};
	p.mem = (struct guest_memory){.regions = regions, .nr = 4};
	check_int(guest_memory_check(&p.mem, &p.err), 0);
	vq_device_set_memory(&p.dev, &p.mem);
}

static void close_regions(void)
{
	for (unsigned i = 0; i < 3; i++)
		free(parts[i]);
	pair_close(&p);
}

static int pop(struct vq_chain *c, struct iovec *iov, unsigned max)
{
	vq_driver_publish(&p.drv);
	*c = (struct vq_chain){.iov = iov, .max_iov = max};
	return vq_device_pop(&p.dev, c, &p.err);
}

static void check_iov(const struct iovec *iov, char *base, size_t len)
{
	check(iov->iov_base == base);
	check_int(iov->iov_len, len);
}

static void buffers(uint64_t features)
{
	uint64_t start = GUEST + (1u << 30);
	struct vq_segment segs[] = {
		{start + PART - 1, 2},
		{start + 10, 2 * PART},
		{start + 3 * PART - 5, 5},
	};
	struct vq_chain c;
	struct iovec iov[8];

	open_regions(features, 0);
	vq_driver_add(&p.drv, segs, 1, 2, NULL);
	check_int(pop(&c, iov, 8), 1);
	check_int(c.nr_readable, 2);
	check_int(c.nr_writable, 4);
	check_int(c.readable_bytes, 2);
	check_int(c.writable_bytes, 2 * PART + 5);
	check_iov(&iov[0], parts[0] + PART - 1, 1);
	check_iov(&iov[1], parts[1], 1);
	check_iov(&iov[2], parts[0] + 10, PART - 10);
	check_iov(&iov[3], parts[1], PART);
	check_iov(&iov[4], parts[2], 10);
	check_iov(&iov[5], parts[2] + PART - 5, 5);

	/* room for the descriptors, but not for the parts */
	vq_driver_add(&p.drv, segs, 1, 2, NULL);
	check_int(pop(&c, iov, 5), -EBADMSG);
	check_contains(p.err.text, "more buffers than 5");

	/* memory ends, or begins, within the buffer */
	segs[0] = (struct vq_segment){start + 3 * PART - 1, 2};
	vq_driver_add(&p.drv, segs, 1, 0, NULL);
	check_int(pop(&c, iov, 8), -EBADMSG);
	segs[0] = (struct vq_segment){start - 1, 2};
	vq_driver_add(&p.drv, segs, 1, 0, NULL);
	check_int(pop(&c, iov, 8), -EBADMSG);
	check_contains(p.err.text, "no memory at");
	close_regions();
}

/* More parts than the ring has descriptors, in a chain of all of those */
static void small_ring(uint64_t features)
{
	uint64_t start = GUEST + (1u << 30);
	struct vq_segment segs[2] = {{start, 3 * PART}, {start, 2 * PART}};
	struct vq_device_config config;
	struct vq_chain c;
	struct iovec iov[5];

	open_regions(features, 0);
	p.config.size = 2;
	check_int(vq_driver_layout(&p.layout, 2, 0, features, &p.err), 0);
	check_int(vq_driver_init(&p.drv, &p.config, &p.err), 0);
	config = pair_device_config(&p);
	check_int(vq_device_init(&p.dev, &config, &p.err), 0);
	vq_driver_add(&p.drv, segs, 1, 1, NULL);
	check_int(pop(&c, iov, 5), 1);
	check_int(c.nr_readable, 3);
	check_int(c.nr_writable, 2);
	close_regions();
}

/* A table at addr, of two entries; the device gets both. */
static void table_at(uint64_t addr, bool packed)
{
	struct vq_desc split[2] = {
		{pair_data(&p), 16, VQ_DESC_NEXT, 1},
		{pair_data(&p) + 512, 512, VQ_DESC_WRITE, 0},
	};
	struct vq_packed_desc flat[2] = {
		{pair_data(&p), 16, 0, 0},
		{pair_data(&p) + 512, 512, 0, VQ_DESC_WRITE},
	};
	struct vq_segment seg = {addr, 32};
	const char *bytes = packed ? (char *)flat : (char *)split;
	struct vq_chain c;
	struct iovec iov[8];
	int id;

	for (unsigned i = 0; i < 32; i++)
		*(char *)guest_memory_find(&p.mem, addr + i, 1) = bytes[i];
	/* the driver's descriptor, made one of a table */
	id = vq_driver_add(&p.drv, &seg, 1, 0, NULL);
	if (packed)
		p.drv.first_flags |= VQ_DESC_INDIRECT;
	else
		p.drv.desc[id].flags |= VQ_DESC_INDIRECT;
	check_int(pop(&c, iov, 8), 1);
	check_int(c.nr_readable, 1);
	check_int(c.nr_writable, 1);
	check(iov[0].iov_base == pair_ptr(&p, pair_data(&p)));
	check(iov[1].iov_base == pair_ptr(&p, pair_data(&p) + 512));
}

static void tables(uint64_t features)
{
	uint64_t start = GUEST + (1u << 30);
	bool packed = features & VIRTIO_F_RING_PACKED;

	open_regions(features | VIRTIO_F_INDIRECT_DESC, 0);
	table_at(start + PART - 16, packed); /* between the entries */
	table_at(start + PART - 7, packed);  /* within one; not aligned */
	table_at(start + 2 * PART - 31, packed);
	table_at(start + 3, packed); /* in one piece, not aligned */
	close_regions();
}

int main(void)
{
	for (unsigned mode = 0; mode < 2; mode++) {
		buffers(pair_features(mode));
		small_ring(pair_features(mode));
		tables(pair_features(mode));
	}
	return 0;
}
