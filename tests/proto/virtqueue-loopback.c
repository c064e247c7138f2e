/* SPDX-License-Identifier: MIT */
/*
 * Whatever fits a ring arrives at the device as it was added, and completes
 * with what the device says: all sizes, formats and features, several laps,
 * in reverse order where that is allowed.
 */
#include "vq_pair.h"

#define SEGMENTS 3 /* one to read, two to write, if the ring holds three */

static unsigned bytes_of(unsigned n)
{
	return 1 + n % 500;
}

/* Requests n, as many segments as fit, told apart by lengths and addresses */
static int add(struct pair *p, unsigned n, unsigned nr)
{
	struct vq_segment segs[SEGMENTS];

	for (unsigned i = 0; i < nr; i++)
		segs[i] = (struct vq_segment){
			.addr = pair_data(p) + n % 1000 * 512 + i,
			.len_bytes = bytes_of(n) + i,
		};
	return vq_driver_add(&p->drv, segs, 1, nr - 1, (void *)(uintptr_t)n);
}

static void check_chain(struct pair *p, const struct vq_chain *c, unsigned n,
			unsigned nr)
{
	unsigned writable = 0;

	check_int(c->nr_readable, 1);
	check_int(c->nr_writable, nr - 1);
	check_int(c->readable_bytes, bytes_of(n));
	for (unsigned i = 0; i < nr; i++) {
		check(c->iov[i].iov_base ==
		      pair_ptr(p, pair_data(p) + n % 1000 * 512 + i));
		check_int(c->iov[i].iov_len, bytes_of(n) + i);
		writable += i > 0 ? bytes_of(n) + i : 0;
	}
	check_int(c->writable_bytes, writable);
}

/* Fill the ring with requests from n on, serve them; returns how many. */
static unsigned lap(struct pair *p, unsigned n, unsigned nr, bool in_order)
{
	struct vq_chain *chains = calloc(p->config.size, sizeof(*chains));
	struct iovec iov[SEGMENTS];
	struct vq_completion c;
	unsigned added = 0, i;

	while (add(p, n + added, nr) >= 0)
		added++;
	check_int(add(p, n, nr), -EAGAIN);
	check_int(vq_driver_free(&p->drv) < nr, 1);
	check_int(vq_device_has_work(&p->dev), 0);
	vq_driver_publish(&p->drv);
	check_int(vq_device_has_work(&p->dev), 1);
	for (i = 0; i < added; i++) {
		chains[i].iov = iov;
		chains[i].max_iov = SEGMENTS;
		check_int(vq_device_pop(&p->dev, &chains[i], &p->err), 1);
		check_chain(p, &chains[i], n + i, nr);
	}
	check_int(vq_device_pop(&p->dev, &chains[0], &p->err), 0);
	for (i = 0; i < added; i++) {
		struct vq_chain *done = &chains[in_order ? i : added - 1 - i];

		vq_device_push(&p->dev, done, done->writable_bytes);
	}
	check_int(vq_driver_has_completions(&p->drv), 0);
	vq_device_publish(&p->dev);
	for (i = 0; i < added; i++) {
		unsigned want = n + (in_order ? i : added - 1 - i);

		check_int(vq_driver_pop(&p->drv, &c, &p->err), 1);
		check_int((uintptr_t)c.cookie, want);
		check_int(c.written_bytes,
			  nr < 3 ? (nr - 1) * (bytes_of(want) + 1)
				 : 2 * bytes_of(want) + 3);
	}
	check_int(vq_driver_pop(&p->drv, &c, &p->err), 0);
	check_int(vq_driver_free(&p->drv), p->config.size);
	free(chains);
	return added;
}

static void run(uint32_t size, unsigned mode)
{
	uint64_t features = pair_features(mode);
	uint32_t tables = features & VIRTIO_F_INDIRECT_DESC ? SEGMENTS : 0;
	unsigned nr = tables || size >= SEGMENTS ? SEGMENTS : size;
	struct pair p;
	unsigned n = 0;

	pair_open(&p, size, features, tables);
	check_int(vq_driver_max_segments(&p.drv), MAX(size, tables));
	for (unsigned laps = 0; laps < 5; laps++) {
		unsigned added = lap(&p, n, nr, features & VIRTIO_F_IN_ORDER);

		check_int(added, tables ? size : size / nr);
		n += added;
	}
	check_str(p.err.text, "");
	pair_close(&p);
}

int main(void)
{
	static const uint32_t sizes[] = {1, 2, 4, 8, 256, 32768, 3, 7, 1000};

	for (unsigned mode = 0; mode < PAIR_MODES; mode++)
		for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
			if ((mode & 1) || IS_POWER_OF_TWO(sizes[i]))
				run(sizes[i], mode);
	return 0;
}
