/* SPDX-License-Identifier: MIT */
/*
 * The driver notices what a device must not do, by name, with text: the queue
 * is broken from then on, nothing completes any more, and what is outstanding
 * is still known, oldest first.
 */
#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define SIZE 8

/* The device's hand: it writes what it likes. */
static struct pair p;
static int ids[3]; /* three requests: 512 bytes to write, in order added */

static void used(unsigned at, uint32_t id, uint32_t len)
{
	p.dev.used->ring[at] = (struct vq_used_elem){id, len};
}

static void packed(unsigned at, uint16_t id, uint32_t len, uint16_t flags)
{
	p.dev.packed_desc[at] =
		(struct vq_packed_desc){0, len, id, VQ_DESC_STATE | flags};
}

static void s_id(void)
{
	used(0, SIZE, 0);
	p.dev.used->idx = 1;
}

static void s_id_far(void)
{
	used(0, 0x80000000 | ids[0], 0);
	p.dev.used->idx = 1;
}

static void s_free(void)
{
	used(0, 7, 0);
	p.dev.used->idx = 1;
}

static void s_in_chain(void)
{
	used(0, p.drv.slots[ids[2]].next, 0);
	p.dev.used->idx = 1;
}

static void s_long(void)
{
	used(0, ids[1], 513);
	p.dev.used->idx = 1;
}

static void s_jump(void)
{
	used(0, ids[0], 0);
	p.dev.used->idx = 4;
}

static void s_back(void)
{
	p.dev.used->idx = 0xffff;
}

static void s_unpublished(void)
{
	struct vq_segment seg = {pair_data(&p), 1};
	int id = vq_driver_add(&p.drv, &seg, 0, 1, NULL);

	check(id >= 0);
	used(0, id, 0);
	p.dev.used->idx = 1;
}

static void p_id(void)
{
	packed(0, SIZE, 0, 0);
}

static void p_free(void)
{
	packed(0, 7, 0, 0);
}

static void p_long(void)
{
	packed(0, ids[0], 513, VQ_DESC_WRITE);
}

static void p_unpublished(void)
{
	struct vq_segment seg = {pair_data(&p), 1};
	int id = vq_driver_add(&p.drv, &seg, 0, 1, NULL);

	packed(0, id, 0, 0);
}

/* in order: the batch that ends with the third is one of two */
static void s_batch(void)
{
	used(0, ids[2], 1);
	p.dev.used->idx = 2;
}

struct malformed {
	const char *name;
	uint64_t features;
	void (*write)(void);
	unsigned pops; /* that succeed before */
	const char *text;
};

#define P VIRTIO_F_RING_PACKED

static const struct malformed cases[] = {
	{"id out of range", 0, s_id, 0, "used id 8, below 8"},
	{"id far", 0, s_id_far, 0, "below 8"},
	{"id of nothing", 0, s_free, 0, "id 7, which is not outstanding"},
	{"id within a chain", 0, s_in_chain, 0, "not outstanding"},
	{"too much written", 0, s_long, 0, "513 bytes written for id"},
	{"index jumps", 0, s_jump, 0, "used index 4, 0 to 3"},
	{"index goes back", 0, s_back, 0, "used index 65535"},
	{"not published", 0, s_unpublished, 0, "not outstanding"},
	{"packed: id out of range", P, p_id, 0, "used id 8, below 8"},
	{"packed: id of nothing", P, p_free, 0, "not outstanding"},
	{"packed: too much written", P, p_long, 0, "at most 512"},
	{"packed: not published", P, p_unpublished, 0, "not outstanding"},
	{"batch behind its index", VIRTIO_F_IN_ORDER, s_batch, 2,
	 "within a batch that ends with request"},
	{"in order: id of nothing", VIRTIO_F_IN_ORDER, s_free, 0,
	 "not outstanding"},
	{"in order, packed: id of nothing", VIRTIO_F_IN_ORDER | P, p_free, 0,
	 "not outstanding"},
};

static void add_three(void)
{
	struct vq_segment segs[2] = {
		{pair_data(&p), 16},
		{pair_data(&p) + 512, 512},
	};

	/* 1, 1 and 2 ring entries: 4 stay free */
	for (uintptr_t i = 0; i < 3; i++) {
		ids[i] = vq_driver_add(&p.drv, i == 2 ? segs : segs + 1, i == 2,
				       1, (void *)i);
		check(ids[i] >= 0);
	}
	vq_driver_publish(&p.drv);
}

static void run(const struct malformed *m)
{
	struct vq_segment seg = {pair_data(&p), 1};
	struct vq_completion c;
	uint16_t left[SIZE];
	unsigned nr;

	printf("%s\n", m->name);
	fflush(stdout);
	pair_open(&p, SIZE, m->features, 0);
	add_three();
	check_int(vq_driver_pop(&p.drv, &c, &p.err), 0);
	m->write();
	for (unsigned i = 0; i < m->pops; i++)
		check_int(vq_driver_pop(&p.drv, &c, &p.err), 1);
	check_int(vq_driver_has_completions(&p.drv), 1);
	check_int(vq_driver_pop(&p.drv, &c, &p.err), -EPROTO);
	check_contains(p.err.text, "virtqueue: ");
	check_contains(p.err.text, "the device is wrong");
	check_contains(p.err.text, m->text);

	check_int(vq_driver_pop(&p.drv, &c, &p.err), -EPROTO);
	check_contains(p.err.text, "broken before");
	check_int(vq_driver_add(&p.drv, &seg, 0, 1, NULL), -EPROTO);
	check_int(vq_driver_has_completions(&p.drv), 1);
	nr = vq_driver_outstanding(&p.drv, left);
	check(nr >= 3 - m->pops);
	for (unsigned i = m->pops; i < 3; i++)
		check_int((uintptr_t)p.drv.slots[left[i - m->pops]].cookie, i);
	pair_close(&p);
}

int main(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		run(&cases[i]);
	return 0;
}
