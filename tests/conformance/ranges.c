/* SPDX-License-Identifier: MIT */
/*
 * Requests at the edges: no bytes, one, a block and one more or less, the
 * largest, the end of the device, the end of numbers. Each is followed by a
 * look at the whole disk: what the request says, and nothing else, changed.
 */
#include "tests/conformance/conformance.h"

#define SLACK_BYTES (UINT64_C(64) << 10) /* disk after growing */
#define EIB (UINT64_C(1) << 60)

/* Numbers in blocks (request-alignment, at least a sector) plus bytes. */
static const struct edge {
	const char *name;
	bool at_end; /* start is relative to the capacity */
	int start_blocks;
	int64_t start_bytes;
	int len_blocks;
	int64_t len_bytes;
} edges[] = {
	{"first", false, 0, 0, 1, 0},
	{"second", false, 1, 0, 2, 0},
	{"len-0", false, 0, 0, 0, 0},
	{"len-1", false, 0, 0, 0, 1},
	{"len-block-1", false, 0, 0, 1, -1},
	{"len-block+1", false, 0, 0, 1, 1},
	{"start-1", false, 0, 1, 1, 0},
	{"start-block-1", false, 1, -1, 1, 0},
	{"start-1-len-block-1", false, 0, 1, 1, -1},
	{"last", true, -1, 0, 1, 0},
	{"len-0-at-end", true, 0, 0, 0, 0},
	{"across-end", true, -1, 0, 2, 0},
	{"at-end", true, 0, 0, 1, 0},
	{"behind-end", true, 1, 0, 1, 0},
	{"start-2^63-block", false, -1, INT64_MIN, 1, 0},
	{"start-2^63", false, 0, INT64_MIN, 1, 0},
	{"start-2^64-block", false, -1, 0, 1, 0},
	{"start-2^64-1", false, 0, -1, 1, 0},
	{"len-2^32", false, 0, 0, 0, INT64_C(1) << 32},
	{"len-2^60", false, 0, 0, 0, EIB},
	{"len-2^63", false, 0, 0, 0, INT64_MIN},
	{"len-2^64-1", false, 0, 0, 0, -1},
};

struct range {
	uint64_t start, len;
};

static uint64_t block_of(const struct dev *d)
{
	return MAX(d->align, UINT64_C(512));
}

static struct range range_of(const struct dev *d, const struct edge *e)
{
	uint64_t block = block_of(d);

	return (struct range){
		.start = (e->at_end ? d->capacity : 0) +
			 (uint64_t)e->start_blocks * block +
			 (uint64_t)e->start_bytes,
		.len = (uint64_t)e->len_blocks * block + (uint64_t)e->len_bytes,
	};
}

/* ---- expectations ---- */

static uint64_t max_len(const struct dev *d, enum op op)
{
	if ((op == WRITE_ZEROES || op == DISCARD) && d->t->facts->splits)
		return 0;
	if (op == WRITE_ZEROES)
		return get_u64(d->b, "max-write-zeroes-len");
	if (op == DISCARD)
		return get_u64(d->b, "max-discard-len");
	return d->max_len;
}

/* The range breaks a limit of the device. */
static bool beyond_limits(const struct dev *d, enum op op,
			  const struct range_facts *f, struct range r)
{
	uint64_t align = f->align ? f->align : d->align, max = max_len(d, op);
	uint64_t part = op <= WRITEV ? d->buf_align : 1;

	return (max && r.len > max) || r.start % align || r.len % align ||
	       r.len % part;
}

static int expected(const struct dev *d, enum op op, uint32_t flags,
		    struct range r)
{
	const struct range_facts *f = op_facts(d, op, flags);

	if (d->read_only && op_writes(op))
		return -EBADF;
	if (beyond_limits(d, op, f, r))
		return -EINVAL;
	/* the buffer can't be in a region, whatever the device */
	if (d->needs_regions && op <= WRITEV && r.len > UINT32_MAX)
		return -EFAULT;
	if (r.len == 0)
		return f->empty;
	if (r.start > INT64_MAX)
		return f->start_huge;
	if (r.len > INT64_MAX)
		return f->len_huge;
	if (r.start + r.len > INT64_MAX)
		return f->end_huge;
	if (r.len >= EIB)
		return f->len_1e;
	if (r.len > UINT32_MAX)
		return f->len_4g;
	if (r.start >= d->capacity)
		return f->behind;
	return r.len > d->capacity - r.start ? f->across : 0;
}

/* ---- the disk, and what it should hold ---- */

struct model {
	uint8_t *bytes; /* capacity + SLACK_BYTES */
	uint64_t capacity;
	uint8_t *scratch; /* the same size, for requests */
};

static struct model model_create(struct dev *d)
{
	uint64_t size = d->capacity + SLACK_BYTES;
	struct model m = {
		.bytes = calloc(1, size),
		.capacity = d->capacity,
		.scratch = dev_buffer(d, size),
	};
	bool filled = d->t->facts->has_source;

	check(m.bytes);
	pattern_fill(m.scratch, 0, d->capacity);
	if (!filled && d->t->facts->stores && !d->read_only) {
		transfer(d, true, 0, m.scratch, d->capacity);
		filled = true;
	}
	if (filled)
		memcpy(m.bytes, m.scratch, d->capacity);
	return m;
}

/* The request succeeded. */
static void model_apply(struct model *m, const struct dev *d, enum op op,
			uint32_t flags, struct range r, int byte)
{
	const struct range_facts *f = op_facts(d, op, flags);
	uint64_t end = MIN(r.start + r.len, m->capacity + SLACK_BYTES);

	if (op_writes(op) && f->grows && end > m->capacity)
		m->capacity = end;
	end = MIN(end, m->capacity);
	if (op_writes(op) && d->t->facts->stores && r.start < end)
		memset(m->bytes + r.start, byte, end - r.start);
}

/* [from, to) of the disk is as it should be. */
static void check_part(const struct model *m, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		if (m->scratch[i] != m->bytes[i]) {
			fprintf(stderr, "byte %#llx is %#x, wanted %#x\n",
				(unsigned long long)i, m->scratch[i],
				m->bytes[i]);
			exit(1);
		}
}

/* All of the disk but what a failed request, or a discard, may have left. */
static void model_check(struct model *m, struct dev *d, struct range unknown)
{
	uint64_t end =
		d->align > 1 ? m->capacity / d->align * d->align : m->capacity;
	uint64_t from = MIN(unknown.start, end);
	uint64_t to = from + MIN(unknown.len, end - from);

	check_int(get_u64(d->b, "capacity"), m->capacity);
	memset(m->scratch, 0xee, end);
	transfer(d, false, 0, m->scratch, end);
	check_part(m, 0, from);
	check_part(m, to, end);
}

static void model_destroy(struct model *m)
{
	free(m->bytes);
}

/* ---- cases ---- */

struct range_case {
	enum op op;
	uint32_t flags;
	const struct edge *edge;
};

/* The request, alone, and what it should have done. */
static void check_request(struct dev *d, enum op op, uint32_t flags,
			  struct range r)
{
	const uint8_t byte = 0xc3;
	int want = expected(d, op, flags, r);
	struct model m = model_create(d);
	/* a length that can't be right is never looked at */
	uint64_t room = MIN(r.len, d->capacity + SLACK_BYTES);
	uint8_t *buf = dev_buffer(d, room);
	struct range unknown = {0, 0};

	memset(buf, op == READ || op == READV ? 0xee : byte, room);
	check_int(request(d->q, op, r.start, buf, r.len, flags), want);
	if (want < 0 || op == DISCARD)
		unknown = r;
	if (want == 0)
		model_apply(&m, d, op, flags, r,
			    op == WRITE || op == WRITEV ? byte : 0);
	if (want == 0 && !op_writes(op))
		for (uint64_t i = 0; i < r.len; i++)
			check_int(buf[i], r.start + i < m.capacity
						  ? m.bytes[r.start + i]
						  : 0);
	if (!d->read_only)
		model_check(&m, d, unknown);
	model_destroy(&m);
}

static void case_edge(const struct target *t, const void *arg)
{
	const struct range_case *c = arg;
	struct dev d = dev_start(t);

	check_request(&d, c->op, c->flags, range_of(&d, c->edge));
	dev_close(&d);
}

/* The whole device, or as much as one request can. */
static void case_len_max(const struct target *t, const void *arg)
{
	const struct range_case *c = arg;
	struct dev d = dev_start(t);
	uint64_t max = max_len(&d, c->op);

	max = MIN(max ? max : d.capacity, d.capacity);
	check_request(&d, c->op, c->flags, (struct range){0, max});
	dev_close(&d);
}

static void case_len_above_max(const struct target *t, const void *arg)
{
	const struct range_case *c = arg;
	struct dev d = dev_start(t);
	uint64_t max = max_len(&d, c->op);

	if (max == 0)
		case_skip("the length has no limit");
	check_request(&d, c->op, c->flags,
		      (struct range){0, max + block_of(&d)});
	dev_close(&d);
}

/* Requests whose buffer would have to be as large as they are. */
static bool needs_all_memory(const struct range_case *c)
{
	return (c->op == READV || c->op == WRITEV) &&
	       (c->edge->len_bytes == INT64_C(1) << 32 ||
		c->edge->len_bytes == EIB);
}

static bool needs_all_space(const struct range_case *c)
{
	return c->flags & BLKIO_REQ_NO_UNMAP &&
	       c->edge->len_bytes == INT64_C(1) << 32;
}

static const struct range_class {
	enum op op;
	uint32_t flags;
	const char *name;
} classes[] = {
	{READ, 0, "read"},
	{READV, 0, "readv"},
	{WRITE, 0, "write"},
	{WRITE, BLKIO_REQ_FUA, "write-fua"},
	{WRITEV, 0, "writev"},
	{WRITE_ZEROES, 0, "write_zeroes"},
	{WRITE_ZEROES, BLKIO_REQ_NO_UNMAP, "write_zeroes-no-unmap"},
	{WRITE_ZEROES, BLKIO_REQ_FUA, "write_zeroes-fua"},
	{DISCARD, 0, "discard"},
};

static void add_class(struct suite *s, const struct range_class *class,
		      struct range_case *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++, c++) {
		*c = (struct range_case){class->op, class->flags, &edges[i]};
		if (!needs_all_memory(c) && !needs_all_space(c))
			add_case(s, case_edge, c, "range.%s.%s", class->name,
				 edges[i].name);
	}
	c--;
	add_case(s, case_len_max, c, "range.%s.len-max", class->name);
	add_case(s, case_len_above_max, c, "range.%s.len-above-max",
		 class->name);
}

/* What a device that must not be written says to it, wherever that is. */
static void add_refused_write(struct suite *s, const struct range_class *class,
			      struct range_case *c)
{
	*c = (struct range_case){class->op, class->flags, &edges[0]};
	add_case(s, case_edge, c, "range.%s.%s", class->name, c->edge->name);
}

void add_range_cases(struct suite *s)
{
	static struct range_case cases[ARRAY_SIZE(classes)][ARRAY_SIZE(edges)];
	bool read_only = target_has(s->t, "read-only");

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (read_only && op_writes(classes[i].op))
			add_refused_write(s, &classes[i], cases[i]);
		else
			add_class(s, &classes[i], cases[i]);
	}
}
