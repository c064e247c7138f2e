/* SPDX-License-Identifier: MIT */
/*
 * Every combination of flags on every request. What a request does not take
 * is refused: unknown bits first, then the lowest of the others, in words
 * that users compare. Then the requests that few devices know: zones.
 */
#include "tests/conformance/conformance.h"

static const uint32_t unknown_bits[] = {1u << 3, 1u << 15, 1u << 31,
					~(uint32_t)ALL_FLAGS};

/* The text for the flags; NULL where the request takes them all. */
static const char *refusal(enum op op, uint32_t flags)
{
	uint32_t bad = flags & ~op_flags(op);

	if (bad & ~(uint32_t)ALL_FLAGS)
		return "unsupported bits in request flags";
	if (bad & BLKIO_REQ_FUA)
		return "BLKIO_REQ_FUA is invalid for this request type";
	if (bad & BLKIO_REQ_NO_UNMAP)
		return "BLKIO_REQ_NO_UNMAP is invalid for this request type";
	if (bad & BLKIO_REQ_NO_FALLBACK)
		return "BLKIO_REQ_NO_FALLBACK is invalid for this request type";
	return NULL;
}

/* Zeroes that the kernel would have to write don't come without fallback. */
static bool zeroes_natively(const struct target *t)
{
	char max[32];

	return t->kind != LOOP_DISK ||
	       (disk_attribute(t, "queue/write_zeroes_max_bytes", max,
			       sizeof(max)) &&
		atoll(max) > 0);
}

/* The result of the request with flags that it takes. */
static int result(const struct dev *d, enum op op, uint32_t flags)
{
	if (op >= REPORT_ZONES)
		return -ENOTSUP;
	if (op == WRITE_ZEROES && flags & BLKIO_REQ_NO_FALLBACK &&
	    !zeroes_natively(d->t))
		return -ENOTSUP;
	return d->read_only && op_writes(op) ? -EBADF : 0;
}

static void check_flags(struct dev *d, enum op op, void *buf, uint32_t flags)
{
	const char *text = refusal(op, flags);
	struct blkio_completion c;

	submit(d->q, op, 0, buf, 4096, &c, flags);
	c = next(d->q);
	check(c.user_data == &c);
	check_int(c.ret, text ? -EINVAL : result(d, op, flags));
	if (text) {
		check(c.error_msg);
		check_str(c.error_msg, text);
	}
}

static enum op op_of(const void *arg)
{
	return *(const enum op *)arg;
}

static void case_known(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	void *buf = dev_buffer(&d, 4096);

	for (uint32_t flags = 0; flags <= ALL_FLAGS; flags++)
		check_flags(&d, op_of(arg), buf, flags);
	dev_close(&d);
}

static void case_unknown(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	void *buf = dev_buffer(&d, 4096);

	for (size_t i = 0; i < ARRAY_SIZE(unknown_bits); i++)
		for (uint32_t flags = 0; flags <= ALL_FLAGS; flags++)
			check_flags(&d, op_of(arg), buf,
				    unknown_bits[i] | flags);
	dev_close(&d);
}

/* Flags come before all that is wrong with the request but iovcnt. */
static void case_before_range(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	check_int(request(d.q, READ, UINT64_MAX, NULL, SIZE_MAX, BLKIO_REQ_FUA),
		  -EINVAL);
	for (int op = READ; op < NR_OPS; op++) {
		struct blkio_completion c;

		submit(d.q, (enum op)op, UINT64_MAX - 1, NULL, UINT64_MAX, NULL,
		       1u << 20);
		c = next(d.q);
		check_int(c.ret, -EINVAL);
		check(c.error_msg);
		check_str(c.error_msg, "unsupported bits in request flags");
	}
	dev_close(&d);
}

static void case_iovcnt_first(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c;

	blkioq_readv(d.q, 0, NULL, -1, NULL, ~0u);
	c = next(d.q);
	check_int(c.ret, -EINVAL);
	check(c.error_msg);
	check_contains(c.error_msg, "iovcnt");
	dev_close(&d);
}

void add_flag_cases(struct suite *s)
{
	static enum op ops[NR_OPS];

	for (int i = 0; i < NR_OPS; i++) {
		ops[i] = (enum op)i;
		add_case(s, case_known, &ops[i], "flags.%s", op_names[i]);
		add_case(s, case_unknown, &ops[i], "flags.%s.unknown",
			 op_names[i]);
	}
	add_case(s, case_before_range, NULL, "flags.before-range");
	add_case(s, case_iovcnt_first, NULL, "flags.after-iovcnt");
}
