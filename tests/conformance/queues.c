/* SPDX-License-Identifier: MIT */
/* Queues by index, added and removed; poll queues, or their refusal. */
#include "tests/conformance/conformance.h"

/* Started with num-queues=n; skips where queues can't be added. */
static struct dev start_with(const struct target *t, int n)
{
	struct dev d = dev_connect(t);

	if (!get_bool(d.b, "can-add-queues"))
		case_skip("queues can't be added");
	check_ok(blkio_set_int(d.b, "num-queues", n));
	check_ok(blkio_start(d.b));
	return d;
}

static void case_lowest_index(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 2);

	for (int i = 2; i < 7; i++)
		check_int(blkio_add_queue(d.b), i);
	check_int(blkio_remove_queue(d.b, 4), 0);
	check_int(blkio_remove_queue(d.b, 1), 0);
	check(!blkio_get_queue(d.b, 1));
	check_refused(blkio_remove_queue(d.b, 1), ENOENT);
	check_int(blkio_add_queue(d.b), 1);
	check_int(blkio_add_queue(d.b), 4);
	check_int(blkio_add_queue(d.b), 7);
	dev_close(&d);
}

static void case_others_stay(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 3);
	struct blkioq *first = blkio_get_queue(d.b, 0);
	struct blkioq *last = blkio_get_queue(d.b, 2);

	check(first && last && first != last);
	check_int(blkio_remove_queue(d.b, 1), 0);
	for (int i = 3; i < 8; i++)
		check_ok(blkio_add_queue(d.b));
	check(blkio_get_queue(d.b, 0) == first);
	check(blkio_get_queue(d.b, 2) == last);
	check_int(request(first, FLUSH, 0, NULL, 0, 0), 0);
	check_int(request(last, FLUSH, 0, NULL, 0, 0), 0);
	dev_close(&d);
}

static void case_all_removed(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 2);

	check_int(blkio_remove_queue(d.b, 0), 0);
	check_int(blkio_remove_queue(d.b, 1), 0);
	check_int(blkio_add_queue(d.b), 0);
	check_int(request(blkio_get_queue(d.b, 0), FLUSH, 0, NULL, 0, 0), 0);
	dev_close(&d);
}

/* Each has its own requests, completions and completion fd. */
static void case_separate(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 2);
	struct blkioq *a = blkio_get_queue(d.b, 0);
	struct blkioq *b = blkio_get_queue(d.b, 1);
	struct blkio_completion c[2];

	check(blkioq_get_completion_fd(a) != blkioq_get_completion_fd(b));
	blkioq_flush(a, &a, 0);
	blkioq_flush(b, &b, 0);
	check_int(blkioq_do_io(a, c, 2, 2, NULL), -EINVAL);
	wait_for(a, c, 1);
	check(c[0].user_data == &a);
	wait_for(b, c, 1);
	check(c[0].user_data == &b);
	dev_close(&d);
}

/* With a completion not fetched yet, or a request not submitted. */
static void case_remove_busy(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 1);
	struct blkioq *q = blkio_get_queue(d.b, 0);

	blkioq_flush(q, NULL, 0);
	check_refused(blkio_remove_queue(d.b, 0), EBUSY);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	check_refused(blkio_remove_queue(d.b, 0), EBUSY);
	check_int(next(q).ret, 0);
	check_int(blkio_remove_queue(d.b, 0), 0);
	dev_close(&d);
}

static void case_max_queues(const struct target *t, const void *arg)
{
	struct dev d = start_with(t, 1);
	int max = get_int(d.b, "max-queues");

	if (max > 64)
		case_skip("max-queues is out of reach");
	for (int i = 1; i < max; i++)
		check_int(blkio_add_queue(d.b), i);
	check_refused(blkio_add_queue(d.b), EINVAL);
	check_int(blkio_remove_queue(d.b, 0), 0);
	check_int(blkio_add_queue(d.b), 0);
	dev_close(&d);

	d = dev_connect(t);
	check_ok(blkio_set_int(d.b, "num-queues", max + 1));
	check_refused(blkio_start(d.b), EINVAL);
	check_ok(blkio_set_int(d.b, "num-queues", max));
	check_ok(blkio_start(d.b));
	dev_close(&d);
}

/* ---- poll queues ---- */

/* With one poll queue, d.q, besides the other one */
static struct dev start_polled(const struct target *t)
{
	struct dev d = dev_connect(t);
	bool can_add = get_bool(d.b, "can-add-queues");

	if (!get_bool(d.b, "supports-poll-queues"))
		case_skip("the device does not poll");
	if (!can_add)
		check_ok(blkio_set_int(d.b, "num-poll-queues", 1));
	dev_do_start(&d);
	if (can_add)
		check_int(blkio_add_poll_queue(d.b), 0);
	d.q = blkio_get_poll_queue(d.b, 0);
	check(d.q);
	return d;
}

/* Whether supports-poll-queues tells the truth. */
static void case_poll_truth(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	void *buf = dev_buffer(&d, 4096);

	if (d.poll_queues && !get_bool(d.b, "can-add-queues")) {
		dev_close(&d);
		d = start_polled(t);
		buf = dev_buffer(&d, 4096);
		check_int(request(d.q, READ, 0, buf, 4096, 0), 0);
	} else if (d.poll_queues) {
		check_int(blkio_add_poll_queue(d.b), 0);
		check_int(request(blkio_get_poll_queue(d.b, 0), READ, 0, buf,
				  4096, 0),
			  0);
	} else {
		check_refused(blkio_add_poll_queue(d.b),
			      get_bool(d.b, "can-add-queues") ? EINVAL
							      : EOPNOTSUPP);
		check(!blkio_get_poll_queue(d.b, 0));
	}
	dev_close(&d);
}

static void case_poll_index(const struct target *t, const void *arg)
{
	struct dev d = start_polled(t);

	check(d.q != blkio_get_queue(d.b, 0));
	if (get_bool(d.b, "can-add-queues"))
		check_int(blkio_add_poll_queue(d.b), 1);
	check_int(blkio_remove_poll_queue(d.b, 0), 0);
	check(!blkio_get_poll_queue(d.b, 0));
	check(blkio_get_queue(d.b, 0));
	if (get_bool(d.b, "can-add-queues"))
		check_int(blkio_add_poll_queue(d.b), 0);
	dev_close(&d);
}

static void case_poll_fd(const struct target *t, const void *arg)
{
	struct dev d = start_polled(t);

	check_int(blkioq_get_completion_fd(d.q), -1);
	blkioq_set_completion_fd_enabled(d.q, true);
	check_int(request(d.q, READ, 0, dev_buffer(&d, 4096), 4096, 0), 0);
	dev_close(&d);
}

/* Reads and writes work; others, too, or are refused with -ENOTSUP. */
static void case_poll_requests(const struct target *t, const void *arg)
{
	struct dev d = start_polled(t);
	int others = t->facts->poll_all ? 0 : -ENOTSUP;
	void *buf = dev_buffer(&d, 4096);

	for (int op = READ; op <= FLUSH; op++) {
		int want = op < WRITE_ZEROES ? 0 : others;

		if (d.read_only && op_writes((enum op)op))
			continue;
		check_int(request(d.q, (enum op)op, 0, buf, 4096, 0), want);
	}
	dev_close(&d);
}

static void case_poll_signal_mask(const struct target *t, const void *arg)
{
	struct dev d = start_polled(t);
	struct blkio_completion c;
	sigset_t none;

	sigemptyset(&none);
	check_refused(blkioq_do_io_interruptible(d.q, &c, 0, 1, NULL, &none),
		      EOPNOTSUPP);
	check_int(blkioq_do_io_interruptible(d.q, &c, 0, 1, NULL, NULL), 0);
	dev_close(&d);
}

void add_queue_cases(struct suite *s)
{
	add_case(s, case_lowest_index, NULL, "queue.lowest-index");
	add_case(s, case_others_stay, NULL, "queue.others-stay");
	add_case(s, case_all_removed, NULL, "queue.all-removed");
	add_case(s, case_separate, NULL, "queue.separate");
	add_case(s, case_remove_busy, NULL, "queue.remove-busy");
	add_case(s, case_max_queues, NULL, "queue.max-queues");
	add_case(s, case_poll_truth, NULL, "poll-queue.supported-or-not");
	add_case(s, case_poll_index, NULL, "poll-queue.index");
	add_case(s, case_poll_fd, NULL, "poll-queue.no-completion-fd");
	add_case(s, case_poll_requests, NULL, "poll-queue.requests");
	add_case(s, case_poll_signal_mask, NULL, "poll-queue.signal-mask");
}
