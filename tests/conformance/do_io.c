/* SPDX-License-Identifier: MIT */
/*
 * blkioq_do_io() without timeouts: which arguments it refuses and in which
 * order, and how many completions it stores.
 */
#include <limits.h>

#include "tests/conformance/conformance.h"

/* ---- arguments ---- */

/* Each is wrong in the way its name says, and in those that come later. */
static const struct bad_call {
	const char *name, *part;
	int min, max;
	bool null;
	bool timed;
	struct timespec timeout;
} bad_calls[] = {
	{"sec-negative", "tv_sec", -1, -1, true, true, {-1, -1}},
	{"nsec-negative", "tv_nsec", -1, -1, true, true, {0, -1}},
	{"nsec-second", "tv_nsec", -1, -1, true, true, {0, NS_PER_SEC}},
	{"nsec-huge", "tv_nsec", -1, -1, true, true, {0, LONG_MAX}},
	{"min-negative", "min_completions", -1, -1, true, false, {0, 0}},
	{"min-least", "min_completions", INT_MIN, INT_MIN, true, true, {1, 0}},
	{"max-negative", "max_completions", 0, -1, true, false, {0, 0}},
	{"min-above-max", "min_completions", 2, 1, true, false, {0, 0}},
	{"null", "NULL", 1, 1, true, false, {0, 0}},
	{"null-min-0", "NULL", 0, 1, true, false, {0, 0}},
	{"min-above-outstanding", "outstanding", 3, 3, false, false, {0, 0}},
};

/* Refused by both functions, and what is outstanding stays that. */
static void case_bad_call(const struct target *t, const void *arg)
{
	const struct bad_call *bad = arg;
	struct dev d = dev_start(t);
	struct blkio_completion c[4], *where = bad->null ? NULL : c;
	struct timespec ts = bad->timeout, *timeout = bad->timed ? &ts : NULL;

	blkioq_flush(d.q, &d, 0);
	blkioq_flush(d.q, &d, 1u << 9);
	check_fails(blkioq_do_io(d.q, where, bad->min, bad->max, timeout),
		    EINVAL, bad->part);
	check_fails(blkioq_do_io_interruptible(d.q, where, bad->min, bad->max,
					       timeout, NULL),
		    EINVAL, bad->part);
	check(ts.tv_sec == bad->timeout.tv_sec &&
	      ts.tv_nsec == bad->timeout.tv_nsec);
	wait_for(d.q, c, 2);
	check_int(c[0].ret, -EINVAL);
	check_int(c[1].ret, 0);
	dev_close(&d);
}

/* ---- counts ---- */

static void case_idle(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct timespec ts = {5, 7};
	struct blkio_completion c[4];

	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	check_int(blkioq_do_io(d.q, c, 0, 0, NULL), 0);
	check_int(blkioq_do_io(d.q, c, 0, 4, NULL), 0);
	check_int(blkioq_do_io(d.q, c, 0, 4, &ts), 0);
	check(ts.tv_sec == 5 && ts.tv_nsec == 7);
	check_fails(blkioq_do_io(d.q, c, 1, 4, NULL), EINVAL, "outstanding");
	dev_close(&d);
}

/* 0, 0 submits: the request gets done though nobody asks again. */
static void case_submit_only(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);

	blkioq_set_completion_fd_enabled(d.q, true);
	blkioq_flush(d.q, &d, 0);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	check(test_readable(fd, WAIT_S * 1000));
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	check(next(d.q).user_data == &d);
	dev_close(&d);
}

/* Not more than max, and the others with later calls, each once. */
static void case_max(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c[10];
	bool seen[10] = {false};
	char *tags = (char *)seen;

	for (int i = 0; i < 10; i++)
		blkioq_flush(d.q, tags + i, 0);
	for (int left = 10; left > 0;) {
		int want = MIN(left, 3);
		int got = blkioq_do_io(d.q, c, want, want, NULL);

		check_int(got, want);
		for (int i = 0; i < got; i++) {
			bool *tag = c[i].user_data;

			check(!*tag);
			*tag = true;
		}
		left -= got;
	}
	check_int(blkioq_do_io(d.q, c, 0, 10, NULL), 0);
	dev_close(&d);
}

static void case_min(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c[10];
	int got;

	for (int i = 0; i < 10; i++)
		blkioq_flush(d.q, NULL, 0);
	got = blkioq_do_io(d.q, c, 6, 10, NULL);
	check(got >= 6 && got <= 10);
	if (got < 10)
		check_int(blkioq_do_io(d.q, c, 10 - got, 10, NULL), 10 - got);
	dev_close(&d);
}

/* Room for more than there is. */
static void case_max_large(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c[2];

	blkioq_flush(d.q, NULL, 0);
	blkioq_flush(d.q, NULL, 0);
	check_int(blkioq_do_io(d.q, c, 2, INT_MAX, NULL), 2);
	dev_close(&d);
}

static void case_outstanding_counts_all(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c[3];

	blkioq_flush(d.q, NULL, 1u << 9); /* refused */
	blkioq_flush(d.q, NULL, 0);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	blkioq_flush(d.q, NULL, 0); /* not submitted yet */
	check_fails(blkioq_do_io(d.q, c, 4, 4, NULL), EINVAL, "outstanding");
	check_int(blkioq_do_io(d.q, c, 3, 3, NULL), 3);
	dev_close(&d);
}

/* Nothing that the caller did not store is in a completion. */
static void case_completion(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c;

	blkioq_flush(d.q, (void *)UINTPTR_MAX, 0);
	c = next(d.q); /* which looks at reserved_ */
	check(c.user_data == (void *)UINTPTR_MAX);
	check_int(c.ret, 0);
	check(!c.error_msg);
	blkioq_flush(d.q, NULL, 1u << 9);
	c = next(d.q);
	check(!c.user_data);
	check_int(c.ret, -EINVAL);
	check(c.error_msg);
	dev_close(&d);
}

/* Refused at submission: before everything that was submitted. */
static void case_refused_first(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c[6];
	char *buf = dev_buffer(&d, 4096), tags[6];

	for (int i = 0; i < 4; i++)
		blkioq_read(d.q, 0, buf, 4096, &tags[i], 0);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	blkioq_read(d.q, 0, buf, 4096, &tags[4], BLKIO_REQ_FUA);
	blkioq_readv(d.q, 0, NULL, -1, &tags[5], 0);
	wait_for(d.q, c, 6);
	check(c[0].user_data == &tags[4]);
	check_int(c[0].ret, -EINVAL);
	check(c[1].user_data == &tags[5]);
	check_int(c[1].ret, -EINVAL);
	for (int i = 2; i < 6; i++)
		check_int(c[i].ret, 0);
	dev_close(&d);
}

void add_do_io_cases(struct suite *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_calls); i++)
		add_case(s, case_bad_call, &bad_calls[i], "do-io.arguments.%s",
			 bad_calls[i].name);
	add_case(s, case_idle, NULL, "do-io.idle");
	add_case(s, case_submit_only, NULL, "do-io.submit-only");
	add_case(s, case_max, NULL, "do-io.max");
	add_case(s, case_min, NULL, "do-io.min");
	add_case(s, case_max_large, NULL, "do-io.max-large");
	add_case(s, case_outstanding_counts_all, NULL, "do-io.outstanding");
	add_case(s, case_completion, NULL, "do-io.completion");
	add_case(s, case_refused_first, NULL, "do-io.refused-first");
}
