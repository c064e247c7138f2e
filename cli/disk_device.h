/* SPDX-License-Identifier: MIT */
/*
 * Devices through <blkio.h>, without the block layer: for verbs that
 * describe or measure the library itself. Options mean what they mean to
 * node_open().
 *
 * Threads: main only; the instance then follows the library's rules.
 */
#ifndef CLI_DISK_DEVICE_H
#define CLI_DISK_DEVICE_H

#include <blkio-ext.h>

#include "block/options.h"
#include "util/err.h"

/*
 * Create and connect the device that opts describe; it is not started.
 *   -EINVAL   an option is missing, unknown or bad
 *   other     from blkio_create(), blkio_connect()
 */
int disk_connect(struct options *opts, struct blkio **b, struct err *err);

/* As blkio_list_properties(), all of them, malloc'ed; NULL: no memory. */
struct blkio_property *disk_properties(struct blkio *b, int *nr);

/* "WHAT: the library's text"; returns ret, which is < 0. */
int disk_error(const char *what, int ret, struct err *err);

#endif
