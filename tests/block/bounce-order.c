/* SPDX-License-Identifier: MIT */
/* Who waits for the bounce pool is served first come first served, whatever
 * is given back when: a small request doesn't overtake a large one. */
#include <stdlib.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

#define KIB 1024u

struct user {
	size_t bytes;
	void *buf; /* NULL: waits */
	int turn;  /* served as the nth, from 1 on */
};

static struct node_loop *nl;
static int turns;

static void co_take(void *opaque)
{
	struct user *u = opaque;

	u->buf = co_bounce_get(nl, u->bytes);
	check(u->buf);
	memset(u->buf, 1, u->bytes);
	u->turn = ++turns;
}

static void start(struct user *u, size_t bytes)
{
	*u = (struct user){.bytes = bytes};
	check_int(co_start(co_take, u), 0);
}

static void give(struct user *u)
{
	check(u->buf);
	bounce_put(nl, u->buf);
	u->buf = NULL;
}

/* Whatever has been waked runs, and what that wakes. */
static void settle(void)
{
	while (loop_run_once(test_loop, false))
		;
}

/* A pool of 192 KiB, which may not grow, and its users */
static void fill(struct user *a, struct user *b, struct user *c)
{
	start(a, 64 * KIB);
	nl->bounce.max_bytes = 0;
	check_int(nl->bounce.mem.len, 192 * KIB);
	start(b, 64 * KIB);
	start(c, 64 * KIB);
	check(a->buf && b->buf && c->buf);
}

/* The large one wants all there is; everything small is behind it. */
static void large_first(void)
{
	struct user a, b, c, large, small[3];

	fill(&a, &b, &c);
	start(&large, 192 * KIB);
	start(&small[0], 4 * KIB);
	settle();
	/* two wakes before the one waked has run, and one after */
	give(&a);
	give(&b);
	start(&small[1], 4 * KIB);
	settle();
	start(&small[2], 4 * KIB);
	settle();
	check(!large.buf && !small[0].buf && !small[1].buf && !small[2].buf);
	give(&c);
	/* it's the large one's, though that has not run yet */
	check(!large.buf && !small[0].buf);
	settle();
	check(large.buf && !small[0].buf);
	give(&large);
	settle();
	for (int i = 0; i < 3; i++) {
		check_int(small[i].turn, large.turn + 1 + i);
		give(&small[i]);
	}
}

/* One wake serves all that there is room for, in their order. */
static void all_that_fit(void)
{
	struct user a, b, c, w[4];

	fill(&a, &b, &c);
	start(&w[0], 128 * KIB);
	start(&w[1], 32 * KIB);
	start(&w[2], 32 * KIB);
	start(&w[3], 4 * KIB);
	give(&a);
	settle();
	check(!w[0].buf);
	give(&b);
	settle();
	check(w[0].buf && !w[1].buf);
	give(&c);
	settle();
	check(w[1].buf && w[2].buf && !w[3].buf);
	check_int(w[1].turn, w[0].turn + 1);
	check_int(w[2].turn, w[0].turn + 2);
	give(&w[2]);
	settle();
	check_int(w[3].turn, w[0].turn + 3);
	give(&w[0]);
	give(&w[1]);
	give(&w[3]);
}

/* Free memory in two parts is no room for who needs it in one: nobody is
 * served out of turn, and when the parts join, it goes on. */
static void in_parts(void)
{
	struct user a, b, c, whole, small;

	fill(&a, &b, &c);
	start(&whole, 128 * KIB);
	start(&small, 4 * KIB);
	give(&a);
	give(&c);
	settle();
	check(!whole.buf && !small.buf);
	give(&b);
	settle();
	check(whole.buf && small.buf && whole.turn < small.turn);
	give(&whole);
	give(&small);
}

/* The same where the pool may grow: it does, once that nobody uses it. */
static void in_parts_grows(void)
{
	struct user a, b, c, whole, small;

	fill(&a, &b, &c);
	nl->bounce.max_bytes = NODE_LOOP_BOUNCE_MAX;
	start(&whole, 128 * KIB);
	give(&a);
	give(&b); /* now it would fit */
	settle();
	start(&small, 4 * KIB);
	check(!whole.buf && !small.buf);
	check_int(nl->bounce.mem.len, 192 * KIB);
	give(&c);
	settle();
	check(whole.buf && small.buf && whole.turn < small.turn);
	check_int(nl->bounce.mem.len, 2 * 192 * KIB);
	give(&whole);
	give(&small);
}

/* Nobody slips in between a wake and the waiter it was for. */
static void between(void)
{
	struct user a, b, c, large, small;

	fill(&a, &b, &c);
	start(&large, 192 * KIB);
	give(&a);
	give(&b);
	give(&c);
	start(&small, 4 * KIB);
	check(!large.buf && !small.buf);
	settle();
	check(large.buf && !small.buf);
	give(&large);
	settle();
	give(&small);
}

static void each(void (*scene)(void))
{
	struct node *node = open_disk("driver=ram,size=1M,"
				      "needs-mem-regions=true,"
				      "max-mem-regions=1");

	nl = &node->loops[0];
	scene();
	check_int(nl->bounce.arena.nr_used, 0);
	check_int(nl->bounce.waiting_bytes, 0);
	check(co_queue_empty(&nl->bounce.waiters));
	close_disk(node);
}

int main(void)
{
	test_begin();
	each(large_first);
	each(all_that_fit);
	each(in_parts);
	each(in_parts_grows);
	each(between);
	test_end();
	return 0;
}
