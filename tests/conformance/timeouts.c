/* SPDX-License-Identifier: MIT */
/*
 * The end of a wait by a timeout: what is left of it is stored, and no
 * completion is lost.
 */
#include <limits.h>

#include "tests/conformance/conformance.h"

static void case_expires(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);

	slow_submit(&s, s.d.q, NULL);
	check_timeout(s.d.q, 0);
	check_timeout(s.d.q, 1);
	check_timeout(s.d.q, NS_PER_MS);
	check_timeout(s.d.q, 50 * NS_PER_MS);
	slow_close(&s);
}

/* As the first call, the one that submits. */
static void case_expires_submitting(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);

	slow_submit(&s, s.d.q, NULL);
	check_timeout(s.d.q, 50 * NS_PER_MS);
	slow_close(&s);
}

/* The request goes on, and completes with a later call. */
static void case_completes_later(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, true);
	struct blkio_completion c;

	slow_submit(&s, s.d.q, &s);
	check_timeout(s.d.q, NS_PER_MS);
	slow_release(&s);
	c = next(s.d.q);
	check_int(c.ret, 0);
	check(c.user_data == &s);
	slow_close(&s);
}

/* A wait that succeeds: what is left is what was given, less what it took. */
static void case_remainder(const struct target *t, const void *arg)
{
	const struct timespec given = {1000, 999999999};
	struct slow s = slow_start(t, true);
	struct timespec left = given;
	struct blkio_completion c;
	int64_t began_ns, took_ns;

	slow_submit(&s, s.d.q, NULL);
	check_timeout(s.d.q, 20 * NS_PER_MS);
	slow_release(&s);
	began_ns = clock_now_ns();
	check_int(blkioq_do_io(s.d.q, &c, 1, 1, &left), 1);
	took_ns = clock_now_ns() - began_ns;
	check(is_normal(&left));
	check(ns_of(&left) <= ns_of(&given));
	check(ns_of(&given) - ns_of(&left) <= took_ns);
	slow_close(&s);
}

static void case_huge(const struct target *t, const void *arg)
{
	static const time_t seconds[] = {LONG_MAX, LONG_MAX / NS_PER_SEC,
					 LONG_MAX / NS_PER_SEC + 1};
	struct dev d = dev_start(t);
	struct blkio_completion c;

	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		struct timespec ts = {seconds[i], 999999999};

		blkioq_flush(d.q, NULL, 0);
		check_int(blkioq_do_io(d.q, &c, 1, 1, &ts), 1);
		check(is_normal(&ts));
		check(ts.tv_sec <= seconds[i] && ts.tv_sec > seconds[i] - 60);
	}
	dev_close(&d);
}

/* Of two requests one is complete: it is kept, and told by the fd. */
static void case_keeps_completions(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct blkioq *q = s.d.q;
	int fd = blkioq_get_completion_fd(q);
	struct timespec ts = {0, 20 * NS_PER_MS};
	struct blkio_completion c[2];

	slow_submit(&s, q, NULL);
	blkioq_flush(q, &s, 1u << 9);
	while (test_consume(fd))
		;
	check_refused(blkioq_do_io(q, c, 2, 2, &ts), ETIME);
	check(test_readable(fd, 0));
	check_int(blkioq_do_io(q, c, 0, 2, NULL), 1);
	check(c[0].user_data == &s);
	check_int(c[0].ret, -EINVAL);
	check_int(blkioq_do_io(q, c, 0, 2, NULL), 0);
	slow_close(&s);
}

/* The same where the device completed it, in the call that timed out. */
static void case_keeps_reaped(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct blkioq *q = s.d.q;
	struct timespec ts = {0, 100 * NS_PER_MS};
	struct blkio_completion c[2];
	int ret;

	ret = quick_submit(&s, &s);
	slow_submit(&s, q, NULL);
	check_refused(blkioq_do_io(q, c, 2, 2, &ts), ETIME);
	wait_for(q, c, 1);
	check(c[0].user_data == &s);
	check_int(c[0].ret, ret);
	slow_close(&s);
}

/* min 0 does not wait, whatever the timeout. */
static void case_min_0(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct timespec ts = {WAIT_S, 0};
	struct blkio_completion c;

	slow_submit(&s, s.d.q, NULL);
	check_int(blkioq_do_io(s.d.q, &c, 0, 1, &ts), 0);
	check(ts.tv_sec >= WAIT_S - 1);
	slow_close(&s);
}

void add_timeout_cases(struct suite *s)
{
	add_case(s, case_expires, NULL, "timeout.expires");
	add_case(s, case_expires_submitting, NULL,
		 "timeout.expires-submitting");
	add_case(s, case_completes_later, NULL, "timeout.completes-later");
	add_case(s, case_remainder, NULL, "timeout.remainder");
	add_case(s, case_huge, NULL, "timeout.huge");
	add_case(s, case_keeps_completions, NULL, "timeout.keeps-refused");
	add_case(s, case_keeps_reaped, NULL, "timeout.keeps-completed");
	add_case(s, case_min_0, NULL, "timeout.min-0");
}
