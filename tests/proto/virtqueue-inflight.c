/* SPDX-License-Identifier: MIT */
/*
 * In-flight records, step by step: a device that begins anew pops what was
 * popped and not published, in the same order, then what it never saw; a batch
 * that was published but not recorded as such is not popped again; records
 * that another implementation left are understood, and those that contradict
 * themselves are refused.
 */
#include "proto/virtqueue_records.h"
#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define SIZE 16
#define IOVS 8

static struct pair p;
static struct iovec iov[SIZE][IOVS];
static struct vq_chain chains[SIZE];

static void *records(void)
{
	return pair_ptr(&p, pair_data(&p) + PAIR_DATA_BYTES / 2);
}

static int begin(void)
{
	struct vq_device_config config = pair_device_config(&p);

	memset(chains, 0, sizeof(chains));
	config.inflight = records();
	return vq_device_init(&p.dev, &config, &p.err);
}

/* Request n: of one or two segments, told by their lengths */
static void add(unsigned n)
{
	struct vq_segment segs[2] = {
		{pair_data(&p) + n * 512, 100 + n},
		{pair_data(&p) + n * 512 + 256, 1},
	};

	check(vq_driver_add(&p.drv, segs, 1, n % 2, (void *)(uintptr_t)n) >= 0);
}

/* Pop into slot i what must be request n. */
static void pop(unsigned i, unsigned n)
{
	chains[i].iov = iov[i];
	chains[i].max_iov = IOVS;
	check_int(vq_device_pop(&p.dev, &chains[i], &p.err), 1);
	check_int(chains[i].nr_readable, 1);
	check_int(chains[i].nr_writable, n % 2);
	check_int(iov[i][0].iov_len, 100 + n);
	check(iov[i][0].iov_base == pair_ptr(&p, pair_data(&p) + n * 512));
}

static void no_more(void)
{
	struct vq_chain c = {.iov = iov[0], .max_iov = IOVS};

	check_int(vq_device_pop(&p.dev, &c, &p.err), 0);
}

static void push(unsigned i)
{
	vq_device_push(&p.dev, &chains[i], chains[i].writable_bytes);
}

static void completes(unsigned n)
{
	struct vq_completion c;

	check_int(vq_driver_pop(&p.drv, &c, &p.err), 1);
	check_int((uintptr_t)c.cookie, n);
}

/*
 * Six requests, of which 1 and 4 are served: 1 is published, 4 pushed only.
 * 0, 2, 3 are popped; 5 the device has not seen.
 */
static void restart(uint64_t features)
{
	pair_open(&p, SIZE, features, 0);
	check_int(begin(), 0);
	for (unsigned n = 0; n < 6; n++)
		add(n);
	vq_driver_publish(&p.drv);
	for (unsigned n = 0; n < 5; n++)
		pop(n, n);
	push(1);
	vq_device_publish(&p.dev);
	push(4);

	check_int(begin(), 0);
	check_int(vq_device_has_work(&p.dev), 1);
	pop(0, 0);
	pop(2, 2);
	pop(3, 3);
	pop(4, 4);
	pop(5, 5);
	no_more();
	push(5);
	push(3);
	vq_device_publish(&p.dev);
	push(0);
	vq_device_publish(&p.dev);

	check_int(begin(), 0);
	pop(2, 2);
	pop(4, 4);
	no_more();
	push(2);
	push(4);
	vq_device_publish(&p.dev);
	completes(1);
	completes(5);
	completes(3);
	completes(0);
	completes(2);
	completes(4);
	check_int(vq_driver_free(&p.drv), SIZE);

	/* and all is as new: once more, past the end of the ring */
	for (unsigned lap = 0; lap < 5; lap++) {
		check_int(begin(), 0);
		for (unsigned n = 0; n < 5; n++)
			add(n);
		vq_driver_publish(&p.drv);
		for (unsigned n = 0; n < 5; n++)
			pop(n, n);
		check_int(begin(), 0);
		for (unsigned n = 0; n < 5; n++)
			pop(n, n);
		for (unsigned n = 5; n-- > 0;)
			push(n);
		vq_device_publish(&p.dev);
		for (unsigned n = 5; n-- > 0;)
			completes(n);
	}
	pair_close(&p);
}

/* Killed when the driver had been told, but not the records. */
static void split_half_published(void)
{
	struct vq_split_records *r;

	pair_open(&p, SIZE, 0, 0);
	r = records();
	check_int(begin(), 0);
	for (unsigned n = 0; n < 4; n++)
		add(n);
	vq_driver_publish(&p.drv);
	for (unsigned n = 0; n < 4; n++)
		pop(n, n);
	push(3);
	push(1);
	p.dev.used->idx = 2;
	check_int(r->used_idx, 0);
	check_int(begin(), 0);
	check_int(r->used_idx, 2);
	pop(0, 0);
	pop(2, 2);
	no_more();
	check_int(vq_device_base(&p.dev), 4);
	completes(3);
	completes(1);
	pair_close(&p);
}

/* Killed after, or right before, the flags that tell the driver. */
static void packed_half_published(bool told)
{
	struct vq_packed_records *r;

	pair_open(&p, SIZE, VIRTIO_F_RING_PACKED, 0);
	r = records();
	check_int(begin(), 0);
	for (unsigned n = 0; n < 4; n++)
		add(n);
	vq_driver_publish(&p.drv);
	for (unsigned n = 0; n < 4; n++)
		pop(n, n);
	push(3);
	push(1);
	vq_packed_records_prepare(&p.dev);
	if (told)
		p.dev.packed_desc[0].flags = p.dev.first_flags;
	check_int(r->used_idx, 4);
	check_int(r->c.old_used_idx, 0);
	check_int(begin(), 0);
	check_int(r->used_idx, told ? 4 : 0);
	check_int(r->c.old_used_idx, told ? 4 : 0);
	pop(0, 0);
	if (!told)
		pop(1, 1);
	pop(2, 2);
	if (!told)
		pop(3, 3);
	no_more();
	check(vq_device_base(&p.dev) ==
	      vq_base_packed(6, true, told ? 4 : 0, true));
	if (told) {
		completes(3);
		completes(1);
	} else {
		/* one alone, not with what the dead one wrote behind it */
		struct vq_completion c;

		push(1);
		vq_device_publish(&p.dev);
		completes(1);
		check_int(vq_driver_pop(&p.drv, &c, &p.err), 0);
	}
	pair_close(&p);
}

/* As the specification lays them out: by offsets, not by our structures */
static void foreign_split(void)
{
	uint8_t *b;

	pair_open(&p, SIZE, 0, 0);
	b = records();
	for (unsigned n = 0; n < 3; n++)
		add(n);
	vq_driver_publish(&p.drv);
	b[8] = 1;     /* version */
	b[10] = SIZE; /* desc_num */
	/* heads 0, 1 and 3 were fetched; 1 first, 3 is done */
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t heads[] = {1, 3, 0};
		uint8_t *d = b + 16 + 16 * heads[i];

		d[0] = 1;
		d[8] = 10 + i; /* counter */
	}
	p.dev.used->ring[0].id = 3;
	p.dev.used->idx = 1;
	b[12] = 3; /* last_batch_head */
	check_int(begin(), 0);
	check_int(b[14], 1); /* used_idx */
	check_int(b[16 + 16 * 3], 0);
	pop(0, 1);
	pop(1, 0);
	no_more();
	check_int(p.dev.counter, 13);
	pair_close(&p);
}

static void refused(bool packed)
{
	struct vq_packed_records *pr;
	struct vq_split_records *sr;

	pair_open(&p, SIZE, packed ? VIRTIO_F_RING_PACKED : 0, 0);
	pr = records();
	sr = records();
	check_int(begin(), 0);
	sr->desc_num = SIZE / 2;
	check_int(begin(), -EINVAL);
	check_contains(p.err.text, "for 8 entries");
	sr->desc_num = SIZE;
	sr->version = 2;
	check_int(begin(), -EINVAL);
	check_contains(p.err.text, "version 2");
	sr->version = 1;
	check_int(begin(), 0);
	if (packed) {
		pr->c.old_used_idx = SIZE;
		check_int(begin(), -EPROTO);
		check_contains(p.err.text, "used place 16");
		pr->c.old_used_idx = 0;
		pr->old_free_head = SIZE; /* nothing is free */
		pr->desc[3].inflight = 1;
		pr->desc[3].num = SIZE + 1;
		check_int(begin(), -EPROTO);
		check_contains(p.err.text, "17 descriptors in a ring of 16");
		pr->desc[3].num = 0;
		check_int(begin(), 0);
		chains[0] = (struct vq_chain){.iov = iov[0], .max_iov = IOVS};
		check_int(vq_device_pop(&p.dev, &chains[0], &p.err), -EPROTO);
		check_contains(p.err.text, "in-flight record 3 of 0");
	} else {
		sr->used_idx = 100;
		check_int(begin(), -EPROTO);
		check_contains(p.err.text, "used index 100");
		sr->used_idx = 0xffff;
		sr->last_batch_head = SIZE;
		check_int(begin(), -EPROTO);
		check_contains(p.err.text, "batch from 16");
	}
	pair_close(&p);
}

/* Popping and publishing, when somebody wrote into the records in between */
static void scribbled_split(void)
{
	struct vq_split_records *r;

	pair_open(&p, SIZE, 0, 0);
	r = records();
	check_int(begin(), 0);
	for (unsigned n = 0; n < 2; n++)
		add(n);
	vq_driver_publish(&p.drv);
	pop(0, 0);
	pop(1, 1);
	push(0);
	push(1);
	r->desc[chains[1].id].next = SIZE;
	vq_device_publish(&p.dev);
	check_int(vq_device_pop(&p.dev, &chains[0], &p.err), -EPROTO);
	completes(0);
	completes(1);
	pair_close(&p);
}

static void scribbled_packed(unsigned what)
{
	struct vq_packed_records *r;
	int want = -EPROTO;

	pair_open(&p, SIZE, VIRTIO_F_RING_PACKED, 0);
	r = records();
	check_int(begin(), 0);
	for (unsigned n = 0; n < 4; n++)
		add(n);
	vq_driver_publish(&p.drv);
	for (unsigned n = 0; n < 3; n++)
		pop(n, n);
	chains[3] = (struct vq_chain){.iov = iov[3], .max_iov = IOVS};
	push(0);
	push(1);
	switch (what) {
	case 0: /* where free records go on; request 3 takes two */
		r->desc[4].next = SIZE;
		break;
	case 1: /* what links a batch */
		r->desc[chains[1].record].last = SIZE;
		vq_device_publish(&p.dev);
		break;
	case 2:
		r->desc[chains[1].record_last].next = SIZE;
		vq_device_publish(&p.dev);
		break;
	default: /* what links a chain, found after a restart */
		vq_device_publish(&p.dev);
		pop(3, 3);
		r->desc[chains[3].record].next = SIZE;
		check_int(begin(), 0);
		pop(2, 2);
		chains[3] = (struct vq_chain){.iov = iov[3], .max_iov = IOVS};
		want = -EBADMSG;
	}
	check_int(vq_device_pop(&p.dev, &chains[3], &p.err), want);
	if (what == 0 || what == 3)
		check_contains(p.err.text, "in-flight record 16");
	pair_close(&p);
}

int main(void)
{
	restart(0);
	restart(VIRTIO_F_RING_PACKED);
	split_half_published();
	packed_half_published(true);
	packed_half_published(false);
	foreign_split();
	refused(false);
	refused(true);
	scribbled_split();
	for (unsigned what = 0; what < 4; what++)
		scribbled_packed(what);
	return 0;
}
