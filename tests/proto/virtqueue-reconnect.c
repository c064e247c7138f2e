/* SPDX-License-Identifier: MIT */
/*
 * The driver's part when a device dies: what completed is popped, what didn't
 * is listed oldest first; all of that can be added to a ring that begins anew,
 * or a device that served in order goes on in the old ring, at the base that
 * the driver names.
 */
#include "vq_pair.h"

#define SIZE 16

static struct pair p;
static struct iovec iov[8];

static void add(uintptr_t n)
{
	struct vq_segment segs[2] = {
		{pair_data(&p) + n, 100},
		{pair_data(&p) + n, 1 + n},
	};

	check(vq_driver_add(&p.drv, segs + !(n % 2), n % 2, 1, (void *)n) >= 0);
}

static uint32_t serve(uintptr_t n, struct vq_chain *c)
{
	*c = (struct vq_chain){.iov = iov, .max_iov = 8};
	check_int(vq_device_pop(&p.dev, c, &p.err), 1);
	check_int(c->writable_bytes, 1 + n);
	return c->writable_bytes;
}

static void done(const struct vq_chain *c)
{
	vq_device_push(&p.dev, c, c->writable_bytes);
	vq_device_publish(&p.dev);
}

static void completes(uintptr_t n)
{
	struct vq_completion c;

	check_int(vq_driver_pop(&p.drv, &c, &p.err), 1);
	check_int((uintptr_t)c.cookie, n);
	check_int(c.written_bytes, 1 + n);
}

static void nothing_completes(void)
{
	struct vq_completion c;

	check_int(vq_driver_pop(&p.drv, &c, &p.err), 0);
}

/* Requests n to n + 5; the device has done the fourth and popped the others. */
static void until_death(uintptr_t n)
{
	struct vq_chain c, fourth;

	for (unsigned i = 0; i < 6; i++)
		add(n + i);
	vq_driver_publish(&p.drv);
	for (unsigned i = 0; i < 6; i++)
		serve(n + i, i == 3 ? &fourth : &c);
	done(&fourth);
}

static void add_again(uint64_t features, uint32_t tables)
{
	struct vq_device_config config;
	uint16_t ids[SIZE];
	uintptr_t left[SIZE];
	struct vq_chain c;
	unsigned nr;

	pair_open(&p, SIZE, features, tables);
	for (unsigned death = 0; death < 5; death++) {
		until_death(death * 10);
		completes(death * 10 + 3);
		nothing_completes();
		/* added, never published: it is the youngest */
		add(death * 10 + 6);
		nr = vq_driver_outstanding(&p.drv, ids);
		check_int(nr, 6);
		for (unsigned i = 0; i < nr; i++) {
			left[i] = (uintptr_t)p.drv.slots[ids[i]].cookie;
			check_int(left[i], death * 10 + i + (i >= 3));
		}
		check_int(vq_driver_init(&p.drv, &p.config, &p.err), 0);
		check_int(vq_driver_outstanding(&p.drv, ids), 0);
		for (unsigned i = 0; i < nr; i++)
			add(left[i]);
		config = pair_device_config(&p);
		check_int(vq_device_init(&p.dev, &config, &p.err), 0);
		vq_driver_publish(&p.drv);
		for (unsigned i = 0; i < nr; i++) {
			serve(left[i], &c);
			done(&c);
			completes(left[i]);
		}
		nothing_completes();
	}
	pair_close(&p);
}

static void go_on(uint64_t features)
{
	struct vq_device_config config;
	struct vq_chain c;

	pair_open(&p, SIZE, features, 0);
	for (uintptr_t n = 0; n < 200; n += 4) {
		for (unsigned i = 0; i < 4; i++)
			add(n + i);
		vq_driver_publish(&p.drv);
		for (unsigned i = 0; i < 2; i++) {
			serve(n + i, &c);
			done(&c);
		}
		serve(n + 2, &c); /* not to be published */
		completes(n);
		completes(n + 1);
		nothing_completes();
		config = pair_device_config(&p);
		config.base = vq_driver_base(&p.drv);
		check_int(vq_device_init(&p.dev, &config, &p.err), 0);
		for (unsigned i = 2; i < 4; i++) {
			serve(n + i, &c);
			done(&c);
			completes(n + i);
		}
		/* drained, the two ends agree */
		check(vq_device_base(&p.dev) == vq_driver_base(&p.drv));
	}
	pair_close(&p);
}

int main(void)
{
	add_again(0, 0);
	add_again(VIRTIO_F_RING_PACKED, 0);
	add_again(VIRTIO_F_INDIRECT_DESC, 4);
	add_again(VIRTIO_F_RING_PACKED | VIRTIO_F_INDIRECT_DESC, 4);
	go_on(0);
	go_on(VIRTIO_F_RING_PACKED);
	go_on(VIRTIO_F_EVENT_IDX);
	go_on(VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX);
	return 0;
}
