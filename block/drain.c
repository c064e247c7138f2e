/* SPDX-License-Identifier: MIT */
/*
 * Drain: each loop is told, on its own thread, to hold new requests, and
 * says when its last one in flight has ended. The main loop runs meanwhile,
 * so requests that need it to finish do.
 */
#include "block/drain.h"

#include "block/node_int.h"

void co_wait_undrain(struct node_loop *nl)
{
	nl->nr_held++;
	while (nl->held)
		co_queue_wait(&nl->held_queue);
	nl->nr_held--;
}

void drain_idle(struct node_loop *nl)
{
	atomic_store_explicit(&nl->idle, true, memory_order_release);
	loop_bh_schedule(&nl->node->drain_bh);
}

/* Only there to wake the main loop, which then looks at the idle flags. */
void drain_bh(struct loop_bh *bh)
{
}

static void hold(void *opaque)
{
	struct node_loop *nl = opaque;

	nl->held = true;
	atomic_store_explicit(&nl->idle, nl->in_flight == 0,
			      memory_order_release);
}

static void release(void *opaque)
{
	struct node_loop *nl = opaque;

	nl->held = false;
	co_queue_wake_all(&nl->held_queue);
}

static bool all_idle(void *opaque)
{
	struct node *node = opaque;

	for (int i = 0; i < node->nr_loops; i++)
		if (!atomic_load_explicit(&node->loops[i].idle,
					  memory_order_acquire))
			return false;
	return true;
}

void node_drain(struct node *node)
{
	if (node->drained++ == 0)
		for (int i = 0; i < node->nr_loops; i++)
			loop_call(node->loops[i].loop, hold, &node->loops[i]);
	loop_run_until(node->loops[0].loop, all_idle, node);
}

void node_undrain(struct node *node)
{
	if (--node->drained > 0)
		return;
	for (int i = 0; i < node->nr_loops; i++)
		loop_call(node->loops[i].loop, release, &node->loops[i]);
}

unsigned node_in_flight(const struct node *node)
{
	struct node_loop *nl = node_loop_current((struct node *)node);

	return nl->in_flight + nl->nr_held;
}
