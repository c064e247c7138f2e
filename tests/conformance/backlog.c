/* SPDX-License-Identifier: MIT */
/*
 * More requests than a queue has room for: none is refused or lost, each
 * completes once, whatever the way to fetch them.
 */
#include "tests/conformance/conformance.h"

#define NR 1000

/* Few entries, where their number can be set. */
static struct dev start_small(const struct target *t)
{
	struct dev d = dev_connect(t);

	if (fact_of(t, "num-entries"))
		check_ok(blkio_set_int(d.b, "num-entries", 4));
	if (t->kind == MEMORY)
		check_ok(blkio_set_str(d.b, "queue-depth", "4"));
	dev_do_start(&d);
	return d;
}

struct tally {
	bool seen[NR];
	int nr;
};

/* Count completions that must be those of requests 0 to NR - 1. */
static void count(struct tally *tally, const struct blkio_completion *c, int n)
{
	for (int i = 0; i < n; i++) {
		uintptr_t tag = (uintptr_t)c[i].user_data;

		check_int(c[i].ret, 0);
		check(tag < NR && !tally->seen[tag]);
		tally->seen[tag] = true;
		tally->nr++;
	}
}

static void submit_reads(struct dev *d, char *buf)
{
	for (uintptr_t i = 0; i < NR; i++)
		blkioq_read(d->q, i % 16 * 4096, buf + i % 16 * 4096, 4096,
			    (void *)i, 0);
}

/* In portions: of one, of a few, and all in one call. */
static const int portions[] = {1, 7, NR};

static void case_reads(const struct target *t, const void *arg)
{
	static struct blkio_completion c[NR];
	const int portion = *(const int *)arg;
	struct dev d = start_small(t);
	struct tally tally = {.nr = 0};

	submit_reads(&d, dev_buffer(&d, 65536));
	while (tally.nr < NR) {
		int want = MIN(portion, NR - tally.nr);

		check_int(blkioq_do_io(d.q, c, want, want, NULL), want);
		count(&tally, c, want);
	}
	check_int(blkioq_do_io(d.q, c, 0, NR, NULL), 0);
	dev_close(&d);
}

/* Never waiting: each call that only looks also submits what has waited. */
static void case_never_waiting(const struct target *t, const void *arg)
{
	int64_t deadline_ns = clock_now_ns() + WAIT_S * NS_PER_SEC;
	struct dev d = start_small(t);
	struct tally tally = {.nr = 0};
	struct blkio_completion c[8];

	submit_reads(&d, dev_buffer(&d, 65536));
	while (tally.nr < NR) {
		int got = blkioq_do_io(d.q, c, 0, ARRAY_SIZE(c), NULL);

		check_ok(got);
		count(&tally, c, got);
		check(clock_now_ns() < deadline_ns);
	}
	dev_close(&d);
}

/* By the completion fd alone. */
static void case_event_driven(const struct target *t, const void *arg)
{
	struct dev d = start_small(t);
	int fd = blkioq_get_completion_fd(d.q);
	struct tally tally = {.nr = 0};
	struct blkio_completion c[8];
	int got;

	blkioq_set_completion_fd_enabled(d.q, true);
	submit_reads(&d, dev_buffer(&d, 65536));
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	while (tally.nr < NR) {
		check(test_readable(fd, WAIT_S * 1000));
		test_consume(fd);
		do {
			got = blkioq_do_io(d.q, c, 0, ARRAY_SIZE(c), NULL);
			check_ok(got);
			count(&tally, c, got);
		} while (got > 0);
	}
	dev_close(&d);
}

/* All kinds of requests, some of which the driver takes two steps for. */
static void case_mixed(const struct target *t, const void *arg)
{
	static struct blkio_completion c[NR];
	struct dev d = start_small(t);
	char *buf = dev_buffer(&d, 4096);
	struct tally tally = {.nr = 0};
	struct iovec iov = {buf, 4096};

	for (uintptr_t i = 0; i < NR; i++) {
		void *tag = (void *)i;

		if (i % 5 == 0)
			blkioq_flush(d.q, tag, 0);
		else if (i % 5 == 1 && !d.read_only)
			blkioq_write_zeroes(d.q, 8192, 4096, tag,
					    BLKIO_REQ_FUA);
		else if (i % 5 == 2 && !d.read_only)
			blkioq_writev(d.q, 4096, &iov, 1, tag, 0);
		else
			blkioq_readv(d.q, 0, &iov, 1, tag, 0);
	}
	wait_for(d.q, c, NR);
	count(&tally, c, NR);
	check_int(tally.nr, NR);
	dev_close(&d);
}

/* Refused behind a full queue: told before all that waits. */
static void case_refused_first(const struct target *t, const void *arg)
{
	struct dev d = start_small(t);
	char *buf = dev_buffer(&d, 65536);
	struct blkio_completion c;

	submit_reads(&d, buf);
	blkioq_read(d.q, 0, buf, 4096, &d, BLKIO_REQ_NO_UNMAP);
	check_int(blkioq_do_io(d.q, &c, 1, 1, NULL), 1);
	check(c.user_data == &d);
	check_int(c.ret, -EINVAL);
	for (int i = 0; i < NR; i++)
		check_int(blkioq_do_io(d.q, &c, 1, 1, NULL), 1);
	dev_close(&d);
}

/* What the driver refuses only when its turn comes still completes once. */
static void case_refused_later(const struct target *t, const void *arg)
{
	struct dev d = start_small(t);
	char *buf = dev_buffer(&d, 65536);
	struct blkio_completion c;
	int nr_refused = 0;

	for (uintptr_t i = 0; i < NR; i++) {
		if (i % 10 == 9)
			blkioq_open_zone(d.q, 0, &d, 0);
		else
			blkioq_read(d.q, 0, buf, 4096, NULL, 0);
	}
	for (int i = 0; i < NR; i++) {
		check_int(blkioq_do_io(d.q, &c, 1, 1, NULL), 1);
		check_int(c.ret, c.user_data ? -ENOTSUP : 0);
		nr_refused += c.user_data != NULL;
	}
	check_int(nr_refused, NR / 10);
	dev_close(&d);
}

/* The data of requests that waited. */
static void case_data(const struct target *t, const void *arg)
{
	static struct blkio_completion c[64];
	struct dev d = start_small(t);
	char *out = dev_buffer(&d, 65536), *in = dev_buffer(&d, 65536);
	const size_t piece = 1024;

	if (d.align > piece)
		case_skip("request-alignment is large");
	if (!t->facts->stores || d.read_only)
		case_skip("what is written can't be read");
	pattern_fill(out, 77, 65536);
	for (size_t pos = 0; pos < 65536; pos += piece)
		blkioq_write(d.q, pos, out + pos, piece, NULL, 0);
	wait_for(d.q, c, 64);
	for (size_t pos = 0; pos < 65536; pos += piece)
		blkioq_read(d.q, pos, in + pos, piece, NULL, 0);
	wait_for(d.q, c, 64);
	check(memcmp(in, out, 65536) == 0);
	dev_close(&d);
}

/* The instance goes while requests run and wait: it neither hangs nor
 * fails. */
static void case_destroy(const struct target *t, const void *arg)
{
	struct dev d = start_small(t);

	submit_reads(&d, dev_buffer(&d, 65536));
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	dev_close(&d);
}

static void case_destroy_unsubmitted(const struct target *t, const void *arg)
{
	struct dev d = start_small(t);

	submit_reads(&d, dev_buffer(&d, 65536));
	dev_close(&d);
}

void add_backlog_cases(struct suite *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(portions); i++)
		add_case(s, case_reads, &portions[i], "backlog.fetch-%d",
			 portions[i]);
	add_case(s, case_never_waiting, NULL, "backlog.never-waiting");
	add_case(s, case_event_driven, NULL, "backlog.event-driven");
	add_case(s, case_mixed, NULL, "backlog.mixed");
	add_case(s, case_refused_first, NULL, "backlog.refused-first");
	add_case(s, case_refused_later, NULL, "backlog.refused-later");
	add_case(s, case_data, NULL, "backlog.data");
	add_case(s, case_destroy, NULL, "backlog.destroy");
	add_case(s, case_destroy_unsubmitted, NULL,
		 "backlog.destroy-unsubmitted");
}
