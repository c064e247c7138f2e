/* SPDX-License-Identifier: MIT */
/*
 * Buffers and vectors of buffers: how many, how long, how aligned, NULL, and
 * in no memory region where one is needed. Data lands where it should.
 */
#include <limits.h>
#include <sys/mman.h>

#include "tests/conformance/conformance.h"

/* The ops that transfer data. */
static const enum op all_ops[] = {READ, READV, WRITE, WRITEV};
static const enum op vector_ops[] = {READV, WRITEV};

static enum op op_of(const void *arg)
{
	return *(const enum op *)arg;
}

/* Bytes that a segment's length is a multiple of. */
static size_t unit_of(const struct dev *d)
{
	return MAX(d->align, d->buf_align);
}

static void submit_vector(struct dev *d, enum op op, struct iovec *iov,
			  int count)
{
	if (op == READV)
		blkioq_readv(d->q, 0, iov, count, NULL, 0);
	else
		blkioq_writev(d->q, 0, iov, count, NULL, 0);
}

static int run_vector(struct dev *d, enum op op, struct iovec *iov, int count)
{
	submit_vector(d, op, iov, count);
	return next(d->q).ret;
}

/* ---- number of segments ---- */

static void case_none(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct iovec iov = {dev_buffer(&d, 512), 512};

	check_int(run_vector(&d, op_of(arg), &iov, 0), 0);
	check_int(run_vector(&d, op_of(arg), NULL, 0), 0);
	dev_close(&d);
}

static void case_negative(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct iovec iov = {dev_buffer(&d, 512), 512};

	check_int(run_vector(&d, op_of(arg), &iov, -1), -EINVAL);
	check_int(run_vector(&d, op_of(arg), &iov, INT_MIN), -EINVAL);
	check_int(run_vector(&d, op_of(arg), NULL, -1), -EINVAL);
	dev_close(&d);
}

/* count segments of a unit each, empty ones when that would be too long */
static struct iovec *many_segments(struct dev *d, int count)
{
	struct iovec *iov = calloc((size_t)count, sizeof(*iov));
	uint64_t max = (uint64_t)get_int(d->b, "max-transfer");
	char *buf = dev_buffer(d, d->capacity);
	size_t unit = unit_of(d), used = 0;

	check(iov);
	max = max ? MIN(max, d->capacity) : d->capacity;
	for (int i = 0; i < count; i++) {
		iov[i].iov_base = buf + used;
		iov[i].iov_len = used + unit <= max ? unit : 0;
		used += iov[i].iov_len;
	}
	return iov;
}

static void case_max_segments(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct iovec *iov = many_segments(&d, d.max_segments);

	check(d.max_segments > 0);
	check_int(run_vector(&d, op_of(arg), iov, d.max_segments), 0);
	dev_close(&d);
	free(iov);
}

static void case_above_max_segments(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct iovec *iov = many_segments(&d, d.max_segments + 1);

	check_int(run_vector(&d, op_of(arg), iov, d.max_segments + 1), -EINVAL);
	dev_close(&d);
	free(iov);
}

/* Far more than there are: refused before they are looked at. */
static void case_int_max(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct iovec iov = {dev_buffer(&d, 512), 512};

	check_int(run_vector(&d, op_of(arg), &iov, INT_MAX), -EINVAL);
	dev_close(&d);
}

/* ---- length of segments ---- */

static void case_sum_overflows(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	char *buf = dev_buffer(&d, 4096);
	struct iovec iov[] = {
		{buf, SIZE_MAX / 4096 / 2 * 4096},
		{buf, SIZE_MAX / 4096 / 2 * 4096 + 4096},
		{buf, 4096},
	};

	check_int(run_vector(&d, op_of(arg), iov, 3), -EINVAL);
	dev_close(&d);
}

static void case_empty_segments(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t unit = unit_of(&d);
	char *buf = dev_buffer(&d, 2 * unit);
	struct iovec iov[] = {
		{NULL, 0},
		{buf, unit},
		{buf, 0},
		{buf + unit, unit},
	};

	if (d.max_segments < 4)
		case_skip("max-segments is below 4");
	check_int(run_vector(&d, op_of(arg), iov, 4), 0);
	iov[1].iov_len = iov[3].iov_len = 0;
	check_int(run_vector(&d, op_of(arg), iov, 4), 0);
	dev_close(&d);
}

/* Too long a segment, in a vector and alone; the longest is fine. */
static void case_max_segment_len(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t max = (size_t)get_int(d.b, "max-segment-len");
	size_t unit = unit_of(&d);
	struct iovec iov;

	if (max == 0)
		case_skip("max-segment-len is 0");
	iov = (struct iovec){dev_buffer(&d, max + unit), max};
	check_int(run_vector(&d, op_of(arg), &iov, 1), 0);
	iov.iov_len = max + unit;
	check_int(run_vector(&d, op_of(arg), &iov, 1), -EINVAL);
	dev_close(&d);
}

static void case_max_transfer(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t max = (size_t)get_int(d.b, "max-transfer");
	size_t unit = unit_of(&d);
	size_t third = max / 3 / unit * unit;
	char *buf = dev_buffer(&d, max);
	struct iovec iov[] = {
		{buf, max - 2 * third},
		{buf, third},
		{buf, third},
		{buf, unit},
	};

	if (max == 0)
		case_skip("max-transfer is 0");
	check_int(run_vector(&d, op_of(arg), iov, 3), 0);
	check_int(run_vector(&d, op_of(arg), iov, 4), -EINVAL);
	dev_close(&d);
}

/* ---- data ---- */

/* Pieces of 1, 3, 0 and 2 units, in memory in another order. */
static void make_pieces(struct iovec *iov, char *buf, size_t unit)
{
	iov[0] = (struct iovec){buf + 5 * unit, unit};
	iov[1] = (struct iovec){buf, 3 * unit};
	iov[2] = (struct iovec){buf + 7 * unit, 0};
	iov[3] = (struct iovec){buf + 3 * unit, 2 * unit};
}

static void case_pieces(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t unit = unit_of(&d);
	char *buf = dev_buffer(&d, 8 * unit), *flat = dev_buffer(&d, 6 * unit);
	char *zeroes = calloc(6, unit);
	struct iovec iov[4];

	if (d.max_segments < 4)
		case_skip("max-segments is below 4");
	make_pieces(iov, buf, unit);
	if (!d.read_only) {
		pattern_fill(iov[0].iov_base, 1, unit);
		pattern_fill(iov[1].iov_base, 1 + unit, 3 * unit);
		pattern_fill(iov[3].iov_base, 1 + 4 * unit, 2 * unit);
		check_int(run_vector(&d, WRITEV, iov, 4), 0);
	}
	transfer(&d, false, 0, flat, 6 * unit);
	memset(buf, 0xee, 8 * unit);
	check_int(run_vector(&d, READV, iov, 4), 0);
	check(memcmp(iov[0].iov_base, flat, unit) == 0);
	check(memcmp(iov[1].iov_base, flat + unit, 3 * unit) == 0);
	check(memcmp(iov[3].iov_base, flat + 4 * unit, 2 * unit) == 0);
	check_int((uint8_t)buf[7 * unit], 0xee); /* between the pieces */
	if (t->facts->stores && !d.read_only) {
		pattern_fill(buf, 1, 6 * unit);
		check(memcmp(flat, buf, 6 * unit) == 0);
	} else if (!t->facts->stores) {
		check(memcmp(flat, zeroes, 6 * unit) == 0);
	}
	free(zeroes);
	dev_close(&d);
}

/* ---- buffers ---- */

static void case_null_buffer(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t unit = unit_of(&d);

	if (op_writes(op_of(arg)) && !t->facts->stores && !d.needs_regions)
		case_skip("the device does not look at what is written");
	check_int(request(d.q, op_of(arg), 0, NULL, unit, 0), -EFAULT);
	check_int(request(d.q, op_of(arg), 0, NULL, 0, 0), 0);
	dev_close(&d);
}

static void case_null_vector(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	check_int(run_vector(&d, op_of(arg), NULL, 1), -EFAULT);
	check_int(run_vector(&d, op_of(arg), NULL, 2), -EFAULT);
	dev_close(&d);
}

/*
 * Where buf-alignment is not kept: refused, or done all the same and right,
 * since a kernel may want less than it says. Where there is none: done.
 */
static void case_misaligned(const struct target *t, const void *arg)
{
	static const size_t shifts[] = {1, 3, 4, 511};
	struct dev d = dev_start(t);
	size_t unit = unit_of(&d);
	char *buf = dev_buffer(&d, unit + 512);
	enum op op = op_of(arg);

	if (d.buf_align == 1 && d.align == 1)
		unit = 511;
	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
		int ret = request(d.q, op, 0, buf + shifts[i], unit, 0);
		bool strict = t->facts->slow == SLOW_LATENCY;

		if (d.buf_align == 1)
			check_int(ret, 0);
		else if (strict || ret != 0)
			check_int(ret, -EINVAL);
	}
	dev_close(&d);
}

/* A device only reads what it is to write. */
static void case_constant(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	void *buf = dev_buffer(&d, 4096);

	memset(buf, 1, 4096);
	check_int(mprotect(buf, 4096, PROT_READ), 0);
	check_int(request(d.q, op_of(arg), 0, buf, 4096, 0), 0);
	dev_close(&d);
}

/* ---- list ---- */

static bool fits(const struct suite *s, enum op op)
{
	return !op_writes(op) || !target_has(s->t, "read-only");
}

static void add_vector(struct suite *s, const enum op *op)
{
	const char *name = op_names[*op];

	add_case(s, case_none, op, "vector.%s.no-segments", name);
	add_case(s, case_negative, op, "vector.%s.negative", name);
	add_case(s, case_max_segments, op, "vector.%s.max-segments", name);
	add_case(s, case_above_max_segments, op, "vector.%s.above-max-segments",
		 name);
	add_case(s, case_int_max, op, "vector.%s.int-max-segments", name);
	add_case(s, case_sum_overflows, op, "vector.%s.sum-overflows", name);
	add_case(s, case_empty_segments, op, "vector.%s.empty-segments", name);
	add_case(s, case_max_segment_len, op, "vector.%s.max-segment-len",
		 name);
	add_case(s, case_max_transfer, op, "vector.%s.max-transfer", name);
	add_case(s, case_null_vector, op, "vector.%s.null", name);
}

void add_vector_cases(struct suite *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(vector_ops); i++)
		if (fits(s, vector_ops[i]))
			add_vector(s, &vector_ops[i]);
	add_case(s, case_pieces, NULL, "vector.pieces");
	for (size_t i = 0; i < ARRAY_SIZE(all_ops); i++) {
		const enum op *op = &all_ops[i];

		if (!fits(s, *op))
			continue;
		add_case(s, case_null_buffer, op, "buffer.%s.null",
			 op_names[*op]);
		add_case(s, case_misaligned, op, "buffer.%s.misaligned",
			 op_names[*op]);
		if (op_writes(*op))
			add_case(s, case_constant, op, "buffer.%s.constant",
				 op_names[*op]);
	}
}
