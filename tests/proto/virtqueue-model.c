/* SPDX-License-Identifier: MIT */
/*
 * Random adding, publishing, popping and pushing, in random order and shape,
 * beside a model that knows what must come out: every request arrives once,
 * unchanged, in order, and completes once; rings are never overfilled, and
 * say that they are full only when they are.
 */
#include "vq_pair.h"

#define MAX_SEGMENTS 6u
#define MAX_SIZE 64
#define STEPS 60000

struct request {
	struct vq_segment segs[MAX_SEGMENTS];
	unsigned readable, writable, entries;
	uint32_t bytes, written;
	enum { FREE, ADDED, PUBLISHED, POPPED, PUSHED, USED } state;
	struct vq_chain chain;
	struct iovec iov[MAX_SEGMENTS];
	unsigned nr; /* order of adding */
};

struct model {
	struct pair p;
	uint64_t random;
	struct request requests[MAX_SIZE];
	unsigned free;			 /* ring entries */
	unsigned added, popped;		 /* in all */
	unsigned next_used, next_pushed; /* in order: that must be next */
	bool in_order;
};

static unsigned below(struct model *m, unsigned n)
{
	return pair_random(&m->random) % n;
}

static struct request *find(struct model *m, int state, unsigned nr, bool any)
{
	unsigned start = below(m, MAX_SIZE);

	for (unsigned i = 0; i < MAX_SIZE; i++) {
		struct request *r = &m->requests[(start + i) % MAX_SIZE];

		if ((int)r->state == state && (any || r->nr == nr))
			return r;
	}
	return NULL;
}

static void set_all(struct model *m, int from, int to)
{
	for (unsigned i = 0; i < MAX_SIZE; i++)
		if ((int)m->requests[i].state == from)
			m->requests[i].state = to;
}

/* It has been added to the driver's end with that result. */
static void added(struct model *m, struct request *r, int ret)
{
	if (r->entries > m->free) {
		check_int(ret, -EAGAIN);
		return;
	}
	check(ret >= 0 && (uint32_t)ret < m->p.config.size);
	r->state = ADDED;
	m->added++;
	m->free -= r->entries;
	check_int(vq_driver_free(&m->p.drv), m->free);
}

static void add_framed(struct model *m, struct request *r)
{
	uint16_t id = vq_driver_next_id(&m->p.drv);
	const struct vq_driver *q = &m->p.drv;
	bool writable = below(m, 2);

	*r = (struct request){
		.nr = m->added,
		.readable = writable ? 1 : 2,
		.writable = writable ? 2 : 1,
		.entries = 1,
		.segs = {{pair_guest(&m->p, vq_driver_head(q, id)),
			  PAIR_HEAD_BYTES},
			 {pair_data(&m->p) + below(m, 1 << 19),
			  1 + below(m, 1 << 19)},
			 {pair_guest(&m->p, vq_driver_tail(q, id)),
			  PAIR_TAIL_BYTES}},
	};
	r->bytes = 1 + (writable ? r->segs[1].len_bytes : 0);
	vq_driver_add_framed(&m->p.drv, r->segs[1], writable, r);
	added(m, r, id);
}

static void add(struct model *m)
{
	struct request *r = find(m, FREE, 0, true);
	uint32_t max = vq_driver_max_segments(&m->p.drv);
	unsigned nr = 1 + below(m, MIN(max, MAX_SEGMENTS));

	if (!r)
		return;
	if (vq_driver_can_frame(&m->p.drv) && m->free > 0 && below(m, 2)) {
		add_framed(m, r);
		return;
	}
	*r = (struct request){.nr = m->added, .readable = below(m, nr + 1)};
	r->writable = nr - r->readable;
	r->entries = nr > 1 && nr <= m->p.config.table_segments ? 1 : nr;
	for (unsigned i = 0; i < nr; i++) {
		r->segs[i].addr = pair_data(&m->p) + below(m, 1 << 19);
		r->segs[i].len_bytes = 1 + below(m, 1 << 19);
		r->bytes += i >= r->readable ? r->segs[i].len_bytes : 0;
	}
	added(m, r,
	      vq_driver_add(&m->p.drv, r->segs, r->readable, r->writable, r));
}

static void check_chain(struct model *m, const struct request *r)
{
	const struct vq_chain *c = &r->chain;

	check_int(c->nr_readable, r->readable);
	check_int(c->nr_writable, r->writable);
	check_int(c->writable_bytes, r->bytes);
	for (unsigned i = 0; i < r->readable + r->writable; i++) {
		check(c->iov[i].iov_base == pair_ptr(&m->p, r->segs[i].addr));
		check_int(c->iov[i].iov_len, r->segs[i].len_bytes);
	}
}

static void pop(struct model *m)
{
	struct request *r = find(m, PUBLISHED, m->popped, false);
	struct vq_chain c;
	struct iovec iov[MAX_SEGMENTS];
	int ret;

	check_int(vq_device_has_work(&m->p.dev), !!r);
	c = (struct vq_chain){
		.iov = r ? r->iov : iov,
		.max_iov = MAX_SEGMENTS,
	};
	ret = vq_device_pop(&m->p.dev, &c, &m->p.err);
	check_int(ret, !!r);
	if (!r)
		return;
	r->chain = c;
	r->state = POPPED;
	m->popped++;
	check_chain(m, r);
}

static void push(struct model *m)
{
	struct request *r = find(m, POPPED, m->next_pushed, !m->in_order);

	if (!r)
		return;
	r->written = r->bytes ? below(m, r->bytes + 1) : 0;
	r->state = PUSHED;
	m->next_pushed++;
	vq_device_push(&m->p.dev, &r->chain, r->written);
}

static void complete(struct model *m)
{
	bool some = find(m, USED, 0, true);
	struct vq_completion c;
	struct request *r;

	check_int(vq_driver_has_completions(&m->p.drv), some);
	check_int(vq_driver_pop(&m->p.drv, &c, &m->p.err), some);
	if (!some)
		return;
	r = c.cookie;
	check_int(r->state, USED);
	check_int(c.written_bytes, r->written);
	if (m->in_order)
		check_int(r->nr, m->next_used++);
	r->state = FREE;
	m->free += r->entries;
	check_int(vq_driver_free(&m->p.drv), m->free);
}

static void check_outstanding(struct model *m)
{
	uint16_t ids[MAX_SIZE];
	unsigned nr = vq_driver_outstanding(&m->p.drv, ids), want = 0;
	unsigned last = 0;

	for (unsigned i = 0; i < MAX_SIZE; i++)
		want += m->requests[i].state != FREE;
	check_int(nr, want);
	for (unsigned i = 0; i < nr; i++) {
		struct request *r = m->p.drv.slots[ids[i]].cookie;

		check(r->state != FREE && (i == 0 || r->nr > last));
		last = r->nr;
	}
}

static void run(uint32_t size, unsigned mode)
{
	static struct model m;
	/* of each eight steps, how many are of a kind: changes by the time */
	unsigned lean;

	memset(&m, 0, sizeof(m));
	m.random = 88172645463325252 + size * 16 + mode;
	m.in_order = mode & 8;
	m.free = size;
	pair_open(&m.p, size, pair_features(mode), mode & 4 ? 4 : 0);
	for (unsigned i = 0; i < STEPS; i++) {
		lean = i / 500 % 2;
		switch (below(&m, 10 + 4 * lean)) {
		case 0 ... 2:
			add(&m);
			break;
		case 3:
			vq_driver_publish(&m.p.drv);
			set_all(&m, ADDED, PUBLISHED);
			break;
		case 4 ... 5:
			pop(&m);
			break;
		case 6 ... 7:
			push(&m);
			break;
		case 8:
			vq_device_publish(&m.p.dev);
			set_all(&m, PUSHED, USED);
			break;
		default:
			complete(&m);
		}
		if (i % 64 == 0)
			check_outstanding(&m);
	}
	check(m.added > STEPS / 100);
	check_str(m.p.err.text, "");
	pair_close(&m.p);
}

int main(void)
{
	static const uint32_t sizes[] = {1, 2, 4, 8, 64, 3, 13, 33};

	for (unsigned mode = 0; mode < PAIR_MODES; mode++)
		for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
			if ((mode & 1) || IS_POWER_OF_TWO(sizes[i]))
				run(sizes[i], mode);
	return 0;
}
