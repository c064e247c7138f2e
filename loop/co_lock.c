/* SPDX-License-Identifier: MIT */
/*
 * What coroutines wait with: queue, mutex, group.
 *
 * A waiter lies on the waiting coroutine's stack. Waking takes it off the
 * queue and schedules the coroutine; an entry that is not for the waiter
 * (somebody else's co_wake()) lets it go on waiting. Nothing fails, except
 * co_group_start() with -ENOMEM. Own thread only, so nothing is locked.
 */
#include <assert.h>
#include <errno.h>

#include "loop/co.h"

struct co_waiter {
	struct list_node link;
	struct co *co;
	bool waked;
};

void co_queue_init(struct co_queue *q)
{
	list_init(&q->waiters);
}

bool co_queue_empty(const struct co_queue *q)
{
	return list_empty(&q->waiters);
}

/* Its own function, or gcc 12 warns that the list keeps a dead variable. */
__attribute__((noinline)) static void enqueue(struct list_node *pos,
					      struct co_waiter *w)
{
	list_insert_after(pos, &w->link);
}

static void wait_behind(struct list_node *pos)
{
	struct co_waiter w = {.co = co_self()};

	assert(w.co);
	enqueue(pos, &w);
	while (!w.waked)
		co_yield();
}

void co_queue_wait(struct co_queue *q)
{
	wait_behind(q->waiters.head.prev);
}

void co_queue_wait_front(struct co_queue *q)
{
	wait_behind(&q->waiters.head);
}

/* As co_queue_wake(); returns who was waked, or NULL. */
static struct co *wake_first(struct co_queue *q)
{
	struct list_node *node = list_pop_front(&q->waiters);
	struct co_waiter *w;

	if (!node)
		return NULL;
	w = list_entry(node, struct co_waiter, link);
	w->waked = true;
	co_wake(w->co);
	return w->co;
}

bool co_queue_wake(struct co_queue *q)
{
	return wake_first(q) != NULL;
}

void co_queue_wake_all(struct co_queue *q)
{
	while (wake_first(q))
		;
}

void co_mutex_init(struct co_mutex *m)
{
	m->owner = NULL;
	co_queue_init(&m->queue);
}

void co_mutex_lock(struct co_mutex *m)
{
	struct co *self = co_self();

	assert(self && m->owner != self);
	if (!m->owner)
		m->owner = self;
	else
		co_queue_wait(&m->queue); /* unlock makes us the owner */
	assert(m->owner == self);
}

void co_mutex_unlock(struct co_mutex *m)
{
	assert(m->owner == co_self());
	m->owner = wake_first(&m->queue);
}

void co_group_init(struct co_group *g)
{
	g->running = 0;
	co_queue_init(&g->joiners);
}

struct member {
	struct co_group *group;
	co_fn *fn;
	void *arg;
};

static void member_main(void *opaque)
{
	/* lies on the starter's stack, which goes on when fn yields */
	struct member m = *(struct member *)opaque;

	m.fn(m.arg);
	if (--m.group->running == 0)
		co_queue_wake_all(&m.group->joiners);
}

int co_group_start(struct co_group *g, co_fn *fn, void *arg)
{
	struct member m = {.group = g, .fn = fn, .arg = arg};
	struct co *co = co_create(member_main, &m);

	if (!co)
		return -ENOMEM;
	g->running++;
	co_enter(co);
	return 0;
}

void co_group_join(struct co_group *g)
{
	while (g->running)
		co_queue_wait(&g->joiners);
}
