/* SPDX-License-Identifier: MIT */
/*
 * Kicks and calls: asked for, a batch makes one; not asked for, none, at any
 * index, past every wrap; and who asks late is told that something is there.
 */
#include "vq_pair.h"

static struct pair p;

static void add(void)
{
	struct vq_segment seg = {pair_data(&p), 512};

	check(vq_driver_add(&p.drv, &seg, 0, 1, NULL) >= 0);
}

/* The device takes what there is and says it's done; does it call? */
static bool serve(unsigned want)
{
	struct iovec iov[4];
	struct vq_chain c = {.iov = iov, .max_iov = 4};
	unsigned nr = 0;

	for (; vq_device_pop(&p.dev, &c, &p.err) == 1; nr++)
		vq_device_push(&p.dev, &c, 512);
	check_int(nr, want);
	return vq_device_publish(&p.dev);
}

static void drain(unsigned want)
{
	struct vq_completion c;
	unsigned nr = 0;

	while (vq_driver_pop(&p.drv, &c, &p.err) == 1)
		nr++;
	check_int(nr, want);
}

/* Batches of nr, both ends asleep before each */
static void asleep(unsigned nr)
{
	check_int(vq_device_enable_kicks(&p.dev), 0);
	check_int(vq_driver_enable_calls(&p.drv), 0);
	check_int(vq_driver_publish(&p.drv), 0);
	for (unsigned i = 0; i < nr; i++)
		add();
	check_int(vq_driver_publish(&p.drv), 1);
	check_int(vq_driver_publish(&p.drv), 0);
	check_int(serve(nr), 1);
	check_int(vq_device_publish(&p.dev), 0);
	drain(nr);
}

/* Both ends poll; more comes while some is there */
static void awake(unsigned nr)
{
	vq_device_disable_kicks(&p.dev);
	vq_driver_disable_calls(&p.drv);
	for (unsigned i = 0; i < nr; i++) {
		add();
		check_int(vq_driver_publish(&p.drv), 0);
	}
	check_int(serve(nr), 0);
	drain(nr);
}

/* Something came in between: no notification, but the answer says so */
static void late(void)
{
	vq_device_disable_kicks(&p.dev);
	vq_driver_disable_calls(&p.drv);
	add();
	check_int(vq_driver_publish(&p.drv), 0);
	check_int(vq_device_enable_kicks(&p.dev), 1);
	vq_device_disable_kicks(&p.dev);
	check_int(serve(1), 0);
	check_int(vq_driver_enable_calls(&p.drv), 1);
	drain(1);
	check_int(vq_driver_enable_calls(&p.drv), 0);
}

/* Whoever asked and was notified is not notified again before asking */
static void once(bool event_idx)
{
	if (!event_idx)
		return;
	check_int(vq_device_enable_kicks(&p.dev), 0);
	check_int(vq_driver_enable_calls(&p.drv), 0);
	add();
	check_int(vq_driver_publish(&p.drv), 1);
	add();
	check_int(vq_driver_publish(&p.drv), 0);
	check_int(serve(2), 1);
	add();
	check_int(serve(0), 0);
	vq_driver_publish(&p.drv);
	check_int(serve(1), 0);
	drain(3);
}

static void run(uint32_t size, uint64_t features)
{
	/* far enough for 16 bits to wrap, several times for small rings */
	unsigned rounds = 300000 / (size + 8);

	pair_open(&p, size, features, 0);
	for (unsigned i = 0; i < rounds; i++) {
		asleep(1 + i % size);
		awake(1 + i % size);
		late();
		if (size >= 4)
			once(features & VIRTIO_F_EVENT_IDX);
	}
	pair_close(&p);
}

int main(void)
{
	static const uint32_t sizes[] = {1, 2, 4, 16, 3, 5};

	for (unsigned mode = 0; mode < 4; mode++)
		for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
			if ((mode & 1) || IS_POWER_OF_TWO(sizes[i]))
				run(sizes[i], pair_features(mode));
	return 0;
}
