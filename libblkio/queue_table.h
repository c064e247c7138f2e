/* SPDX-License-Identifier: MIT */
/*
 * Making and removing queues; the two tables of an instance. Callers hold
 * the lock.
 */
#ifndef LIBBLKIO_QUEUE_TABLE_H
#define LIBBLKIO_QUEUE_TABLE_H

#include "libblkio/driver.h"

/* Make a queue in the lowest free slot of t (of b): its index, or -errno. */
int queue_table_add(struct blkio *b, struct queue_table *t, struct err *err);

/* Remove all queues and free the table, which is empty then. */
void queue_table_clear(struct blkio *b, struct queue_table *t);

#endif
