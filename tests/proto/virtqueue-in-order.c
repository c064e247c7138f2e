/* SPDX-License-Identifier: MIT */
/*
 * In order: a device may report a batch with one used entry, that of its last
 * request; the driver completes all of them, those skipped in full. And the
 * descriptors of a split ring are used one after the other.
 */
#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define SIZE 8

static struct pair p;

static void add(uintptr_t n, unsigned nr)
{
	struct vq_segment segs[3] = {
		{pair_data(&p), 16},
		{pair_data(&p) + 512, 512},
		{pair_data(&p) + 1024, 1},
	};

	check(vq_driver_add(&p.drv, segs, 1, nr - 1, (void *)n) >= 0);
}

/* Requests take 3, 2 and 1 entries from place on: use all with one entry. */
static void use_batch(unsigned place, unsigned batch, uint16_t id)
{
	bool wrap = place / SIZE % 2;

	if (p.drv.packed) {
		p.dev.packed_desc[place % SIZE] = (struct vq_packed_desc){
			.len = 7, /* not for drivers to read */
			.id = id,
			.flags = wrap ? 0 : VQ_DESC_STATE,
		};
	} else {
		p.dev.used->ring[batch * 3 % SIZE] =
			(struct vq_used_elem){id, 0};
		p.dev.used->idx = (batch + 1) * 3;
	}
}

static void check_next(uintptr_t n, uint32_t written)
{
	struct vq_completion c;

	check_int(vq_driver_pop(&p.drv, &c, &p.err), 1);
	check_int((uintptr_t)c.cookie, n);
	check_int(c.written_bytes, written);
}

static void run(uint64_t features)
{
	struct iovec iov[4];
	struct vq_chain chain = {.iov = iov, .max_iov = 4};
	static const unsigned heads[] = {0, 3, 5};
	struct vq_completion c;

	pair_open(&p, SIZE, features | VIRTIO_F_IN_ORDER, 0);
	for (unsigned batch = 0; batch < 20; batch++) {
		unsigned place = batch * 6;

		for (unsigned i = 0; i < 3; i++)
			add(batch * 3 + i, 3 - i);
		vq_driver_publish(&p.drv);
		for (unsigned i = 0; i < 3; i++) {
			check_int(vq_device_pop(&p.dev, &chain, &p.err), 1);
			check_int(chain.id, (place + heads[i]) % SIZE);
			check_int(chain.nr_writable, 2 - i);
		}
		use_batch(place, batch, chain.id);
		check_next(batch * 3, 513);
		check_next(batch * 3 + 1, 512);
		check_next(batch * 3 + 2, 0);
		check_int(vq_driver_pop(&p.drv, &c, &p.err), 0);
		check_int(vq_driver_free(&p.drv), SIZE);
		/* our device did not do that itself */
		p.dev.used_idx = p.dev.avail_idx;
		p.dev.nr_in_flight = 0;
	}
	pair_close(&p);
}

int main(void)
{
	run(0);
	run(VIRTIO_F_RING_PACKED);
	return 0;
}
