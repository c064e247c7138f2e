/* SPDX-License-Identifier: MIT */
/*
 * The life of an instance and its queues; what is behind the control calls
 * of blkio.h, which has the errnos. Callers hold the lock.
 */
#ifndef LIBBLKIO_DEVICE_H
#define LIBBLKIO_DEVICE_H

#include "libblkio/driver.h"

/* No lock yet. */
int device_create(const char *driver, struct blkio **bp, struct err *err);
/* No lock any more: nobody else may use b. */
void device_destroy(struct blkio *b);

int device_connect(struct blkio *b, struct err *err);
int device_start(struct blkio *b, struct err *err);
int device_resize(struct blkio *b, uint64_t size, struct err *err);

/* poll says which of the two tables is meant. */
struct blkioq *device_get_queue(struct blkio *b, bool poll, int index);
int device_add_queue(struct blkio *b, bool poll, struct err *err);
int device_remove_queue(struct blkio *b, bool poll, int index, struct err *err);

#endif
