/* SPDX-License-Identifier: MIT */
/*
 * The device refuses what a driver must not do, by name, with text. A chain
 * that makes no sense fails alone: the one behind it is served. What leaves no
 * place to go on from breaks the queue, and stays broken.
 */
#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define SIZE 8

/* The driver's hand: it writes what it likes. */
static struct pair p;
static unsigned offered; /* split: requests; packed: places of the first lap */

static uint64_t data(void)
{
	return pair_data(&p);
}

static void split_desc(struct vq_desc *table, unsigned i, uint64_t addr,
		       uint32_t len, uint16_t flags, uint16_t next)
{
	table[i] = (struct vq_desc){addr, len, flags, next};
}

static void offer(uint16_t head)
{
	p.drv.avail->ring[offered % SIZE] = head;
	p.drv.avail->idx = ++offered;
}

static void d(unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
	      uint16_t next)
{
	split_desc(p.drv.desc, i, addr, len, flags, next);
}

/* An indirect table behind the first page of data */
static struct vq_desc *table(void)
{
	return pair_ptr(&p, data() + 4096);
}

static void packed(uint64_t addr, uint32_t len, uint16_t flags, uint16_t id)
{
	bool wrap = offered / SIZE % 2;

	p.drv.packed_desc[offered++ % SIZE] = (struct vq_packed_desc){
		addr, len, id, flags ^ (wrap ? VQ_DESC_USED : VQ_DESC_AVAIL)};
}

#define N VQ_DESC_NEXT
#define W VQ_DESC_WRITE
#define I VQ_DESC_INDIRECT

static void s_next_range(void)
{
	d(0, data(), 16, N, SIZE);
	offer(0);
}

static void s_next_far(void)
{
	d(0, data(), 16, N, 0xffff);
	offer(0);
}

static void s_loop_self(void)
{
	d(0, data(), 16, N, 0);
	offer(0);
}

static void s_loop(void)
{
	d(0, data(), 16, N, 1);
	d(1, data(), 16, N, 2);
	d(2, data(), 16, N, 0);
	offer(0);
}

static void s_order(void)
{
	d(0, data(), 16, N | W, 1);
	d(1, data(), 16, 0, 0);
	offer(0);
}

static void s_empty(void)
{
	d(0, data(), 0, 0, 0);
	offer(0);
}

static void s_before(void)
{
	d(0, GUEST - 1, 1, 0, 0);
	offer(0);
}

static void s_reaches_in(void)
{
	d(0, GUEST - 1, 2, 0, 0);
	offer(0);
}

static void s_behind(void)
{
	d(0, GUEST + p.bytes, 1, W, 0);
	offer(0);
}

static void s_leaves(void)
{
	d(0, GUEST + p.bytes - 1, 2, W, 0);
	offer(0);
}

static void s_wraps(void)
{
	d(0, UINT64_MAX, 2, W, 0);
	offer(0);
}

static void s_wraps_into(void)
{
	d(0, UINT64_MAX - 0xffff, 0xffffffff, W, 0);
	offer(0);
}

static void s_null(void)
{
	d(0, 0, 512, W, 0);
	offer(0);
}

/* all of the memory, as often as there are descriptors: more than 2^32 */
static void s_too_long(void)
{
	static struct guest_region huge;

	/* nobody touches what the buffers name */
	huge = p.region;
	huge.size_bytes = UINT64_C(1) << 40;
	p.mem.regions = &huge;
	vq_device_set_memory(&p.dev, &p.mem);
	d(0, data(), UINT32_MAX, N, 1);
	d(1, data(), 2, 0, 0);
	offer(0);
}

static void s_many(void)
{
	for (unsigned i = 0; i < SIZE; i++)
		d(i, data(), 1, i + 1 < SIZE ? N : 0, i + 1);
	offer(0);
}

static void s_indirect_next(void)
{
	split_desc(table(), 0, data(), 16, 0, 0);
	d(0, data() + 4096, 16, I | N, 1);
	d(1, data(), 16, 0, 0);
	offer(0);
}

static void s_table(uint64_t addr, uint32_t len)
{
	d(0, addr, len, I, 0);
	offer(0);
}

static void s_nested(void)
{
	split_desc(table(), 0, data(), 16, N, 1);
	split_desc(table(), 1, data() + 4096, 16, I, 0);
	s_table(data() + 4096, 32);
}

static void s_table_ragged(void)
{
	split_desc(table(), 0, data(), 16, 0, 0);
	s_table(data() + 4096, 24);
}

static void s_table_empty(void)
{
	s_table(data() + 4096, 0);
}

static void s_table_huge(void)
{
	split_desc(table(), 0, data(), 16, 0, 0);
	s_table(data() + 4096, 16 * (VQ_SIZE_MAX + 1));
}

static void s_table_nowhere(void)
{
	s_table(GUEST - 4096, 32);
}

static void s_table_leaves(void)
{
	uint64_t last = GUEST + p.bytes - 16;

	split_desc(pair_ptr(&p, last), 0, data(), 16, N, 1);
	s_table(last, 32);
}

static void s_table_next(void)
{
	split_desc(table(), 0, data(), 16, N, 2);
	s_table(data() + 4096, 32);
}

static void s_table_loop(void)
{
	split_desc(table(), 0, data(), 16, N, 1);
	split_desc(table(), 1, data(), 16, N, 0);
	s_table(data() + 4096, 32);
}

static void s_table_order(void)
{
	split_desc(table(), 0, data(), 16, N | W, 1);
	split_desc(table(), 1, data(), 16, 0, 0);
	s_table(data() + 4096, 32);
}

static void s_table_buffer(void)
{
	split_desc(table(), 0, 1, 1, 0, 0);
	s_table(data() + 4096, 16);
}

static void s_head(void)
{
	offer(SIZE);
}

static void s_head_far(void)
{
	offer(0xffff);
}

static void s_jump(void)
{
	p.drv.avail->idx = offered + SIZE + 1;
}

static void s_back(void)
{
	p.drv.avail->idx = offered - 1;
}

/* as many chains as there are descriptors are in flight, or pushed only */
static void s_full(void)
{
	struct iovec iov[4];
	struct vq_chain c = {.iov = iov, .max_iov = 4};

	d(0, data(), 16, 0, 0);
	for (unsigned i = 0; i < SIZE; i++) {
		offer(0);
		check_int(vq_device_pop(&p.dev, &c, &p.err), 1);
		if (i % 2)
			vq_device_push(&p.dev, &c, 0);
	}
	offer(0);
}

static void p_order(void)
{
	packed(data(), 16, N | W, 0);
	packed(data(), 16, 0, 0);
}

static void p_empty(void)
{
	packed(data(), 0, 0, 0);
}

static void p_leaves(void)
{
	packed(data(), 16, N, 0);
	packed(GUEST + p.bytes - 1, 2, W, 0);
}

static void p_indirect_next(void)
{
	packed(data() + 4096, 16, I | N, 0);
	packed(data(), 16, 0, 0);
}

static void p_indirect_mixed(void)
{
	packed(data(), 16, N, 0);
	packed(data() + 4096, 16, I, 0);
}

static void p_table_ragged(void)
{
	packed(data() + 4096, 17, I, 0);
}

static void p_table_order(void)
{
	struct vq_packed_desc *t = pair_ptr(&p, data() + 4096);

	t[0] = (struct vq_packed_desc){data(), 16, 0, W};
	t[1] = (struct vq_packed_desc){data(), 16, 0, 0};
	packed(data() + 4096, 32, I, 0);
}

static void p_table_nowhere(void)
{
	packed(1, 32, I, 0);
}

static void p_endless(void)
{
	for (unsigned i = 0; i < SIZE; i++)
		packed(data(), 16, N, 0);
}

static void p_not_available(void)
{
	packed(data(), 16, N, 0);
}

static void p_id(void)
{
	packed(data(), 16, 0, SIZE);
}

/* as many chains as there are places are in flight: no more can come */
static void p_full(void)
{
	struct iovec iov[4];
	struct vq_chain c = {.iov = iov, .max_iov = 4};

	for (unsigned i = 0; i < SIZE; i++) {
		packed(data(), 16, 0, i);
		check_int(vq_device_pop(&p.dev, &c, &p.err), 1);
	}
	packed(data(), 16, 0, 0);
}

struct malformed {
	const char *name;
	bool packed;
	void (*write)(void);
	int want; /* -EBADMSG: the request alone; -EPROTO: the queue */
	const char *text;
};

static const struct malformed cases[] = {
	{"next out of range", 0, s_next_range, -EBADMSG,
	 "next is descriptor 8"},
	{"next far", 0, s_next_far, -EBADMSG, "next is descriptor 65535"},
	{"loop of one", 0, s_loop_self, -EBADMSG, "loop"},
	{"loop", 0, s_loop, -EBADMSG, "loop"},
	{"writable before readable", 0, s_order, -EBADMSG,
	 "after one to write"},
	{"empty buffer", 0, s_empty, -EBADMSG, "empty buffer"},
	{"before memory", 0, s_before, -EBADMSG, "no memory at 0x7ffeffffffff"},
	{"reaches into memory", 0, s_reaches_in, -EBADMSG, "no memory"},
	{"behind memory", 0, s_behind, -EBADMSG, "no memory"},
	{"leaves memory", 0, s_leaves, -EBADMSG, "buffer of 2 bytes"},
	{"wraps", 0, s_wraps, -EBADMSG, "no memory at 0xffffffffffffffff"},
	{"wraps into memory", 0, s_wraps_into, -EBADMSG, "no memory"},
	{"address 0", 0, s_null, -EBADMSG, "no memory at 0x0"},
	{"more than 2^32 bytes", 0, s_too_long, -EBADMSG, "4294967297 bytes"},
	{"more than there is room for", 0, s_many, -EBADMSG,
	 "more buffers than 4"},
	{"indirect and next", 0, s_indirect_next, -EBADMSG, "flags 0x5"},
	{"nested table", 0, s_nested, -EBADMSG, "another one in entry 1"},
	{"ragged table", 0, s_table_ragged, -EBADMSG, "table of 24 bytes"},
	{"empty table", 0, s_table_empty, -EBADMSG, "table of 0 bytes"},
	{"huge table", 0, s_table_huge, -EBADMSG, "table of 524304 bytes"},
	{"table nowhere", 0, s_table_nowhere, -EBADMSG, "table: no memory"},
	{"table leaves memory", 0, s_table_leaves, -EBADMSG,
	 "table: no memory"},
	{"next out of table", 0, s_table_next, -EBADMSG, "next is 2"},
	{"loop in table", 0, s_table_loop, -EBADMSG, "loop"},
	{"order in table", 0, s_table_order, -EBADMSG, "after one to write"},
	{"buffer of a table", 0, s_table_buffer, -EBADMSG, "no memory at 0x1"},
	{"head out of range", 0, s_head, -EPROTO, "head 8, below 8"},
	{"head far", 0, s_head_far, -EPROTO, "head 65535"},
	{"index jumps", 0, s_jump, -EPROTO, "available index 9, 0 to 8"},
	{"index goes back", 0, s_back, -EPROTO, "available index 65535"},
	{"more than the ring", 0, s_full, -EPROTO, "index 9, 8 to 8"},
	{"packed: writable before readable", 1, p_order, -EBADMSG, "to write"},
	{"packed: empty buffer", 1, p_empty, -EBADMSG, "empty buffer"},
	{"packed: leaves memory", 1, p_leaves, -EBADMSG, "buffer of 2 bytes"},
	{"packed: indirect and next", 1, p_indirect_next, -EBADMSG, "alone"},
	{"packed: table in a chain", 1, p_indirect_mixed, -EBADMSG, "alone"},
	{"packed: ragged table", 1, p_table_ragged, -EBADMSG, "17 bytes"},
	{"packed: order in table", 1, p_table_order, -EBADMSG, "to write"},
	{"packed: table nowhere", 1, p_table_nowhere, -EBADMSG, "no memory"},
	{"packed: endless", 1, p_endless, -EPROTO, "does not end with 8"},
	{"packed: into what is not there", 1, p_not_available, -EPROTO,
	 "goes on at 1, which is not available"},
	{"packed: buffer ID", 1, p_id, -EPROTO, "buffer ID 8, below 8"},
	{"packed: more than the ring", 1, p_full, -EPROTO, "8 are in flight"},
};

/* After a refusal: push the request, and serve one that is right. */
static void check_goes_on(struct vq_chain *c, bool is_packed)
{
	check_int(c->nr_readable + c->nr_writable, 0);
	check_int(c->readable_bytes + c->writable_bytes, 0);
	vq_device_push(&p.dev, c, 0);
	p.mem.regions = &p.region;
	vq_device_set_memory(&p.dev, &p.mem);
	if (is_packed) {
		packed(data(), 512, W, 3);
	} else {
		d(3, data(), 512, W, 0);
		offer(3);
	}
	check_int(vq_device_pop(&p.dev, c, &p.err), 1);
	check_int(c->id, 3);
	check_int(c->writable_bytes, 512);
	vq_device_push(&p.dev, c, 512);
	vq_device_publish(&p.dev);
	if (!is_packed)
		check_int(p.drv.used->idx, 2);
	check_int(vq_device_pop(&p.dev, c, &p.err), 0);
}

static void check_broken(struct vq_chain *c)
{
	check_int(vq_device_has_work(&p.dev), 1);
	check_int(vq_device_pop(&p.dev, c, &p.err), -EPROTO);
	check_contains(p.err.text, "broken before");
}

static void run(const struct malformed *m)
{
	uint64_t features = VIRTIO_F_INDIRECT_DESC;
	struct iovec iov[16];
	/* 4 unless that is what would be seen first */
	struct vq_chain c = {
		.iov = iov,
		.max_iov = strstr(m->text, "loop") ? 16 : 4,
	};

	printf("%s\n", m->name);
	fflush(stdout);
	if (m->packed)
		features |= VIRTIO_F_RING_PACKED;
	pair_open(&p, SIZE, features, 0);
	offered = 0;
	m->write();
	check_int(vq_device_pop(&p.dev, &c, &p.err), m->want);
	check_contains(p.err.text, "virtqueue: ");
	check_contains(p.err.text, m->text);
	if (m->want == -EBADMSG)
		check_goes_on(&c, m->packed);
	else
		check_broken(&c);
	pair_close(&p);
}

/* Tables where that was not negotiated */
static void not_negotiated(bool is_packed)
{
	struct iovec iov[4];
	struct vq_chain c = {.iov = iov, .max_iov = 4};

	pair_open(&p, SIZE, is_packed ? VIRTIO_F_RING_PACKED : 0, 0);
	offered = 0;
	split_desc(table(), 0, data(), 16, 0, 0);
	if (is_packed)
		packed(data() + 4096, 16, I, 0);
	else
		s_table(data() + 4096, 16);
	check_int(vq_device_pop(&p.dev, &c, &p.err), -EBADMSG);
	check_contains(p.err.text, "not negotiated");
	check_goes_on(&c, is_packed);
	pair_close(&p);
}

int main(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		run(&cases[i]);
	not_negotiated(false);
	not_negotiated(true);
	return 0;
}
