/* SPDX-License-Identifier: MIT */
/*
 * The completion fd: what it is, when it is signalled, and when it is kept
 * quiet. Once enabled it tells of completions to come, not of those that
 * are there: the caller looks once more.
 */
#include <fcntl.h>

#include "tests/conformance/conformance.h"

#define LONG_MS (WAIT_S * 1000)
#define SHORT_MS 20

static void case_kind(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);
	uint64_t count;

	check(fd >= 0);
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(blkioq_get_completion_fd(d.q), fd);
	check(!test_readable(fd, 0));
	check_int(read(fd, &count, sizeof(count)), -1);
	check_int(errno, EAGAIN);
	dev_close(&d);
	check_int(fcntl(fd, F_GETFD), -1);
}

/* Submit and don't fetch: does the fd tell of it? Then fetch. */
static bool signals(struct dev *d, int timeout_ms)
{
	int fd = blkioq_get_completion_fd(d->q);
	bool told;

	while (test_consume(fd))
		;
	blkioq_flush(d->q, NULL, 0);
	check_int(blkioq_do_io(d->q, NULL, 0, 0, NULL), 0);
	told = test_readable(fd, timeout_ms);
	check_int(next(d->q).ret, 0);
	return told;
}

/* Nobody has said anything: the driver's own choice. */
static void case_at_first(const struct target *t, const void *arg)
{
	bool enabled = t->facts->fd_enabled;
	struct dev d = dev_start(t);

	check_int(signals(&d, enabled ? LONG_MS : SHORT_MS), enabled);
	dev_close(&d);
}

static void case_enabled(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	blkioq_set_completion_fd_enabled(d.q, true);
	check(signals(&d, LONG_MS));
	check(signals(&d, LONG_MS));
	blkioq_set_completion_fd_enabled(d.q, true);
	check(signals(&d, LONG_MS));
	dev_close(&d);
}

static void case_disabled(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	blkioq_set_completion_fd_enabled(d.q, false);
	check(!signals(&d, SHORT_MS));
	blkioq_set_completion_fd_enabled(d.q, false);
	check(!signals(&d, SHORT_MS));
	dev_close(&d);
}

static void case_toggled(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	for (int i = 0; i < 3; i++) {
		blkioq_set_completion_fd_enabled(d.q, false);
		check(!signals(&d, SHORT_MS));
		blkioq_set_completion_fd_enabled(d.q, true);
		check(signals(&d, LONG_MS));
	}
	dev_close(&d);
}

/* Readable until it is read, by 8 bytes, once. */
static void case_level(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);
	uint64_t count;

	blkioq_set_completion_fd_enabled(d.q, true);
	blkioq_flush(d.q, NULL, 0);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	check(test_readable(fd, LONG_MS));
	check(test_readable(fd, 0));
	check_int(read(fd, &count, 4), -1);
	check_int(errno, EINVAL);
	check_int(read(fd, &count, sizeof(count)), 8);
	check(count > 0);
	check(!test_readable(fd, 0));
	check_int(read(fd, &count, sizeof(count)), -1);
	check_int(errno, EAGAIN);
	check_int(next(d.q).ret, 0);
	dev_close(&d);
}

/* A request refused at submission signals, enabled or not. */
static void check_refused_signals(const struct target *t, bool enabled)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);

	blkioq_set_completion_fd_enabled(d.q, enabled);
	while (test_consume(fd))
		;
	blkioq_flush(d.q, NULL, BLKIO_REQ_FUA);
	check(test_readable(fd, 0));
	check(test_consume(fd));
	check_int(next(d.q).ret, -EINVAL);
	dev_close(&d);
}

static void case_refused(const struct target *t, const void *arg)
{
	check_refused_signals(t, true);
}

static void case_refused_disabled(const struct target *t, const void *arg)
{
	check_refused_signals(t, false);
}

/* Enabled when the completion is there already: not signalled for that one. */
static void case_enable_late(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);

	blkioq_set_completion_fd_enabled(d.q, true);
	blkioq_flush(d.q, NULL, 0);
	check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
	check(test_readable(fd, LONG_MS));
	check(test_consume(fd));
	blkioq_set_completion_fd_enabled(d.q, false);
	blkioq_set_completion_fd_enabled(d.q, true);
	check(!test_readable(fd, SHORT_MS));
	check_int(next(d.q).ret, 0);
	check(signals(&d, LONG_MS));
	dev_close(&d);
}

/* What a timed-out wait has seen must not be lost on a poller. */
static void case_timed_out(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	int fd = blkioq_get_completion_fd(s.d.q);
	struct timespec ts = {0, 100 * NS_PER_MS};
	struct blkio_completion c[2];

	blkioq_set_completion_fd_enabled(s.d.q, true);
	quick_submit(&s, NULL);
	check_int(blkioq_do_io(s.d.q, NULL, 0, 0, NULL), 0);
	check(test_readable(fd, LONG_MS));
	check(test_consume(fd));
	slow_submit(&s, s.d.q, NULL);
	check_refused(blkioq_do_io(s.d.q, c, 2, 2, &ts), ETIME);
	check(test_readable(fd, 0));
	check_int(blkioq_do_io(s.d.q, c, 0, 2, NULL), 1);
	slow_close(&s);
}

/* An event loop: poll, read the fd, fetch without waiting. */
static void case_event_loop(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int fd = blkioq_get_completion_fd(d.q);
	char *buf = dev_buffer(&d, 4096);
	struct blkio_completion c[16];
	int submitted = 0, done = 0;

	blkioq_set_completion_fd_enabled(d.q, true);
	while (done < 1000) {
		int got;

		for (; submitted < 1000 && submitted - done < 40; submitted++)
			blkioq_read(d.q, 0, buf, 4096, NULL, 0);
		check_int(blkioq_do_io(d.q, NULL, 0, 0, NULL), 0);
		check(test_readable(fd, LONG_MS));
		test_consume(fd);
		do {
			got = blkioq_do_io(d.q, c, 0, ARRAY_SIZE(c), NULL);
			check_ok(got);
			done += got;
		} while (got > 0);
	}
	check_int(done, 1000);
	dev_close(&d);
}

void add_fd_cases(struct suite *s)
{
	add_case(s, case_kind, NULL, "completion-fd.kind");
	add_case(s, case_at_first, NULL, "completion-fd.at-first");
	add_case(s, case_enabled, NULL, "completion-fd.enabled");
	add_case(s, case_disabled, NULL, "completion-fd.disabled");
	add_case(s, case_toggled, NULL, "completion-fd.toggled");
	add_case(s, case_level, NULL, "completion-fd.level");
	add_case(s, case_refused, NULL, "completion-fd.refused");
	add_case(s, case_refused_disabled, NULL,
		 "completion-fd.refused-disabled");
	add_case(s, case_enable_late, NULL, "completion-fd.enable-late");
	add_case(s, case_timed_out, NULL, "completion-fd.timed-out");
	add_case(s, case_event_loop, NULL, "completion-fd.event-loop");
}
