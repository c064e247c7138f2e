/* SPDX-License-Identifier: MIT */
/*
 * Intrusive circular doubly linked list: struct list is the head, struct
 * list_node is embedded in the element. No allocation, O(1) removal.
 * An initialised node that is on no list points at itself, so removing it
 * again is harmless.
 */
#ifndef UTIL_LIST_H
#define UTIL_LIST_H

#include <stdbool.h>

#include "util/compiler.h"

struct list_node {
	struct list_node *prev, *next;
};

struct list {
	struct list_node head;
};

static inline void list_node_init(struct list_node *n)
{
	n->prev = n->next = n;
}

static inline void list_init(struct list *l)
{
	list_node_init(&l->head);
}

static inline bool list_empty(const struct list *l)
{
	return l->head.next == &l->head;
}

static inline bool list_node_linked(const struct list_node *n)
{
	return n->next != n;
}

static inline void list_insert_after(struct list_node *pos, struct list_node *n)
{
	n->prev = pos;
	n->next = pos->next;
	pos->next->prev = n;
	pos->next = n;
}

static inline void list_push_front(struct list *l, struct list_node *n)
{
	list_insert_after(&l->head, n);
}

static inline void list_push_back(struct list *l, struct list_node *n)
{
	list_insert_after(l->head.prev, n);
}

static inline void list_remove(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_node_init(n);
}

/* First node, unlinked; NULL when the list is empty. */
static inline struct list_node *list_pop_front(struct list *l)
{
	struct list_node *n = l->head.next;

	if (n == &l->head)
		return NULL;
	list_remove(n);
	return n;
}

#define list_entry(node, type, member) container_of(node, type, member)

#define list_for_each(node, l)                                            \
	for (struct list_node *node = (l)->head.next; node != &(l)->head; \
	     node = node->next)

/* As list_for_each; the body may remove (or free) the current node. */
#define list_for_each_safe(node, l)                                        \
	for (struct list_node *node = (l)->head.next, *next_ = node->next; \
	     node != &(l)->head; node = next_, next_ = node->next)

#endif
