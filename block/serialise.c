/* SPDX-License-Identifier: MIT */
/*
 * Writes that must not overlap: a read-modify-write (RMW) writes back bytes
 * that it has read, so any other write to them in between would be undone.
 *
 * A node whose request alignment is 1 has no RMW and none of this runs. Else
 * each aligned write stands in its own loop's list while in flight, which
 * takes no lock: it only looks at nr_ser. An RMW enters the node-wide list
 * and has every loop say (acked) that none of its writes in flight overlaps;
 * a loop says so on its own thread, at once or when the last such write has
 * ended. No write slips through: one that began on a loop before that loop
 * looked is in its list; one that begins later sees nr_ser, since the bottom
 * half that made the loop look orders the two, and waits for the RMW.
 *
 * Among RMWs the older goes first; a write that has to wait is in no list
 * meanwhile, so nobody waits in a circle. Waiters are waked exactly once per
 * wait, under ser_lock, while their stack frames are known to be alive.
 */

#include "block/node_int.h"

struct range_waiter {
	struct list_node link;
	struct co *co;
};

static bool overlaps(const struct write_range *a, const struct write_range *b)
{
	return a->start < b->end && b->start < a->end;
}

static struct write_range *range(struct list_node *n)
{
	return list_entry(n, struct write_range, link);
}

/* The oldest RMW that overlaps w and came before it; ser_lock is held. */
static struct write_range *older_rmw(struct node *node, struct write_range *w)
{
	list_for_each(n, &node->ser_list)
	{
		if (range(n) == w)
			return NULL;
		if (overlaps(range(n), w))
			return range(n);
	}
	return NULL;
}

/* Yield until rmw has ended. ser_lock is held, and released meanwhile. */
static void co_wait_for(struct node *node, struct write_range *rmw)
{
	struct range_waiter waiter = {.co = co_self()};

	list_push_back(&rmw->waiters, &waiter.link);
	pthread_mutex_unlock(&node->ser_lock);
	co_yield ();
	pthread_mutex_lock(&node->ser_lock);
}

/* Acknowledge each RMW that no write in flight on nl overlaps. */
static void scan(struct node_loop *nl)
{
	struct node *node = nl->node;
	uint64_t bit = UINT64_C(1) << (nl - node->loops);

	pthread_mutex_lock(&node->ser_lock);
	list_for_each(n, &node->ser_list)
	{
		struct write_range *rmw = range(n);
		bool clear = true;

		list_for_each(m, &nl->writes) clear =
			clear && !overlaps(range(m), rmw);
		if (!clear || (rmw->acked & bit))
			continue;
		rmw->acked |= bit;
		if (rmw->waiting) {
			rmw->waiting = false;
			co_wake(rmw->co);
		}
	}
	pthread_mutex_unlock(&node->ser_lock);
}

void serialise_scan_bh(struct loop_bh *bh)
{
	scan(container_of(bh, struct node_loop, scan));
}

void co_write_begin(struct node_loop *nl, struct write_range *w, uint64_t start,
		    uint64_t end)
{
	struct node *node = nl->node;
	struct write_range *rmw;

	if (!node->align_mask)
		return;
	w->start = start;
	w->end = end;
	/*
	 * relaxed: an RMW of this loop is seen in program order, one of
	 * another loop at the latest after its bottom half ran here
	 */
	if (unlikely(atomic_load_explicit(&node->nr_ser,
					  memory_order_relaxed))) {
		pthread_mutex_lock(&node->ser_lock);
		while ((rmw = older_rmw(node, w)))
			co_wait_for(node, rmw);
		/* in the list before anyone can look at it again */
		list_push_back(&nl->writes, &w->link);
		pthread_mutex_unlock(&node->ser_lock);
		return;
	}
	list_push_back(&nl->writes, &w->link);
}

void write_end(struct node_loop *nl, struct write_range *w)
{
	if (!nl->node->align_mask)
		return;
	list_remove(&w->link);
	if (unlikely(atomic_load_explicit(&nl->node->nr_ser,
					  memory_order_relaxed)))
		scan(nl);
}

void co_serialise_begin(struct node_loop *nl, struct write_range *w,
			uint64_t start, uint64_t end)
{
	struct node *node = nl->node;
	uint64_t all = UINT64_MAX >> (64 - node->nr_loops);
	struct write_range *rmw;

	*w = (struct write_range){.start = start, .end = end, .co = co_self()};
	list_init(&w->waiters);
	pthread_mutex_lock(&node->ser_lock);
	list_push_back(&node->ser_list, &w->link);
	atomic_fetch_add(&node->nr_ser, 1);
	pthread_mutex_unlock(&node->ser_lock);

	for (int i = 0; i < node->nr_loops; i++)
		if (&node->loops[i] != nl)
			loop_bh_schedule(&node->loops[i].scan);
	scan(nl);

	pthread_mutex_lock(&node->ser_lock);
	while (w->acked != all) {
		w->waiting = true;
		pthread_mutex_unlock(&node->ser_lock);
		co_yield ();
		pthread_mutex_lock(&node->ser_lock);
	}
	while ((rmw = older_rmw(node, w)))
		co_wait_for(node, rmw);
	pthread_mutex_unlock(&node->ser_lock);
}

void serialise_end(struct node_loop *nl, struct write_range *w)
{
	struct node *node = nl->node;
	struct list_node *n;

	pthread_mutex_lock(&node->ser_lock);
	list_remove(&w->link);
	atomic_fetch_sub(&node->nr_ser, 1);
	while ((n = list_pop_front(&w->waiters)))
		co_wake(list_entry(n, struct range_waiter, link)->co);
	pthread_mutex_unlock(&node->ser_lock);
}
