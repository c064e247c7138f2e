/* SPDX-License-Identifier: MIT */
/* Any calls in any order, many of them wrong and some out of memory: every
 * call returns what it may, and every request completes exactly once. */
#include "tests/libblkio/fail_nth.h"
#include "tests/libblkio/request_test.h"

#define NR_SEEDS 150
#define NR_CALLS 400
#define NR_TOKENS 512
#define NR_REGIONS 6
#define BUF_LEN 16384

static uint32_t seed;
static struct blkio *b;
static struct blkio_mem_region regions[NR_REGIONS];
static char buf[BUF_LEN] __attribute__((aligned(4096)));

/* A request's user_data; its iovec has to live as long. */
static struct token {
	struct blkioq *q; /* where it is outstanding, or NULL */
	enum kind kind;
	struct iovec iov;
} tokens[NR_TOKENS];

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* ---- control ---- */

static const char *const names[] = {
	"buf-alignment",
	"can-add-queues",
	"capacity",
	"discard-alignment",
	"driver",
	"error-after",
	"error-count",
	"error-errno",
	"error-op",
	"latency-us",
	"max-discard-len",
	"max-mem-regions",
	"max-queues",
	"max-segment-len",
	"max-segments",
	"max-transfer",
	"max-write-zeroes-len",
	"mem-region-alignment",
	"needs-mem-region-fd",
	"needs-mem-regions",
	"num-poll-queues",
	"num-queues",
	"queue-depth",
	"read-only",
	"request-alignment",
	"size",
	"supports-poll-queues",
	"no-such",
	"\xff",
};

static const char *const values[] = {
	"0",
	"1",
	"2",
	"3",
	"-1",
	"512",
	"4096",
	"65536",
	"1000000",
	"true",
	"false",
	"",
	"any",
	"read",
	"x",
	"\xff",
	"99999999999999999999",
};

static void set_property(void)
{
	blkio_set_str(b, names[rnd(ARRAY_SIZE(names))],
		      values[rnd(ARRAY_SIZE(values))]);
	/* nobody waits for a second */
	if (rnd(2))
		blkio_set_uint64(b, "latency-us", rnd(20));
}

static void get_property(void)
{
	const char *name = names[rnd(ARRAY_SIZE(names))];
	char *text = (char *)&text;
	int value = 7;

	if (blkio_get_str(b, name, &text) < 0)
		check(!text);
	free(text);
	if (blkio_get_int(b, name, &value) < 0)
		check_int(value, 0);
}

static void change_region(void)
{
	struct blkio_mem_region r = regions[rnd(NR_REGIONS)];

	if (rnd(4) == 0)
		r.len = 4096 * rnd(4);
	if (rnd(4) == 0)
		r.addr = buf + 4096 * rnd(5);
	if (rnd(16) == 0)
		r.flags = 1;
	switch (rnd(6)) {
	case 0:
		blkio_alloc_mem_region(b, &regions[rnd(NR_REGIONS)],
				       4096 * rnd(4));
		break;
	case 1:
		blkio_free_mem_region(b, &r);
		break;
	case 2:
		blkio_unmap_mem_region(b, &r);
		break;
	default:
		blkio_map_mem_region(b, &r);
		break;
	}
}

static struct blkioq *some_queue(void)
{
	int index = (int)rnd(6) - 1;

	return rnd(3) ? blkio_get_queue(b, index)
		      : blkio_get_poll_queue(b, index);
}

static int nr_outstanding(const struct blkioq *q)
{
	int n = 0;

	for (int i = 0; i < NR_TOKENS; i++)
		n += tokens[i].q == q;
	return n;
}

static void remove_some_queue(void)
{
	int index = rnd(5);
	bool poll = rnd(3) == 0;
	struct blkioq *q = poll ? blkio_get_poll_queue(b, index)
				: blkio_get_queue(b, index);
	int ret = poll ? blkio_remove_poll_queue(b, index)
		       : blkio_remove_queue(b, index);

	if (!q)
		check_int(ret, -ENOENT);
	else
		check_int(ret, nr_outstanding(q) > 0 ? -EBUSY : 0);
}

/* Sometimes one of the first calls for memory in it fails. */
static void control(void)
{
	static int (*const states[])(struct blkio *) = {
		blkio_connect,
		blkio_start,
		blkio_add_queue,
		blkio_add_poll_queue,
	};

	fail_arm(rnd(4) ? FAIL_NEVER : rnd(4), 1);
	switch (rnd(7)) {
	case 0:
		set_property();
		break;
	case 1:
		get_property();
		break;
	case 2:
		change_region();
		break;
	case 3:
		remove_some_queue();
		break;
	case 4:
		blkio_resize(b, rnd(64) * 4096);
		break;
	default:
		states[rnd(ARRAY_SIZE(states))](b);
		break;
	}
	fail_arm(FAIL_NEVER, 1);
}

/* ---- I/O ---- */

static void submit(struct blkioq *q)
{
	struct token *t = &tokens[rnd(NR_TOKENS)];

	if (t->q)
		return;
	t->q = q;
	t->kind = rnd(NR_KINDS);
	t->iov.iov_len = rnd(3) ? 512 * rnd(9) : rnd(4096);
	t->iov.iov_base = buf + 64 * rnd(100);
	submit_kind(q, t->kind, rnd(3) ? 512 * rnd(200) : rnd(100000), &t->iov,
		    t, rnd(3) ? 0 : rnd(16));
}

static void check_completion(struct blkioq *q, const struct blkio_completion *c)
{
	struct token *t = c->user_data;

	check(t >= tokens && t < tokens + NR_TOKENS);
	check(t->q == q);
	t->q = NULL;
	if (c->ret >= 0)
		check(!c->error_msg);
	if (t->kind == BLOCK_STATUS)
		check(c->ret >= -4095 && c->ret <= 4);
	else
		check(c->ret >= -4095 && c->ret <= 0);
}

static void do_io(struct blkioq *q, int min, int max)
{
	static struct blkio_completion c[NR_TOKENS];
	struct timespec timeout = {0, rnd(100000)};
	int outstanding = nr_outstanding(q);
	int n = blkioq_do_io(q, c, min, max, rnd(2) ? &timeout : NULL);

	if (min > max || min > outstanding) {
		check_int(n, -EINVAL);
		return;
	}
	if (n == -ETIME)
		return;
	check(n >= min && n <= max);
	for (int i = 0; i < n; i++)
		check_completion(q, &c[i]);
}

static void io(void)
{
	struct blkioq *q = some_queue();

	if (!q)
		return;
	switch (rnd(8)) {
	case 0:
		do_io(q, rnd(4), rnd(16));
		break;
	case 1:
		check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
		break;
	case 2:
		blkioq_set_completion_fd_enabled(q, rnd(2));
		if (blkioq_get_completion_fd(q) >= 0)
			test_consume(blkioq_get_completion_fd(q));
		break;
	default:
		for (int i = rnd(20); i > 0; i--)
			submit(q);
		break;
	}
}

/* ---- */

static void drain(void)
{
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;

	for (int i = 0; i < NR_TOKENS; i++) {
		while (tokens[i].q) {
			check(clock_now_ns() < end_ns);
			do_io(tokens[i].q, 1, NR_TOKENS);
		}
	}
}

static void run(uint32_t with_seed)
{
	seed = with_seed * 2654435761u;
	memset(regions, 0, sizeof(regions));
	check_ok(blkio_create(with_seed % 2 ? "ram" : "null", &b));
	check_ok(blkio_set_uint64(b, "size", 100000));
	for (int i = rnd(5); i > 0; i--)
		set_property();
	for (int i = 0; i < NR_CALLS; i++) {
		if (rnd(3))
			io();
		else
			control();
	}
	if (rnd(4))
		drain();
	blkio_destroy(&b);
	memset(tokens, 0, sizeof(tokens));
}

int main(int argc, char **argv)
{
	int nr_fds = test_nr_open_fds();

	if (argc > 1) { /* one seed, to look into a failure */
		run(atoi(argv[1]));
		return 0;
	}
	for (uint32_t i = 1; i <= NR_SEEDS; i++) {
		run(i);
		check_int(test_nr_open_fds(), nr_fds);
	}
	return 0;
}
