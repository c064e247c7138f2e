/* SPDX-License-Identifier: MIT */
/*
 * What the event fd is about: capacity and connection, and that they have
 * changed. Callers hold the lock.
 */
#ifndef LIBBLKIO_STATUS_H
#define LIBBLKIO_STATUS_H

#include "libblkio/driver.h"

void status_init(struct blkio *b);
void status_exit(struct blkio *b);

/* Ask the device, and take note. 0 or -errno. */
int status_get_capacity(struct blkio *b, uint64_t *bytes, struct err *err);

/* Take note; signal the event fd when it is news. */
void status_set_capacity(struct blkio *b, uint64_t bytes);
void status_set_connection(struct blkio *b, enum blkio_connection connection);

/* As blkio_get_status() and blkio_get_event_fd(). */
int status_get(struct blkio *b, struct blkio_status *status, struct err *err);
int status_get_event_fd(struct blkio *b, struct err *err);

#endif
