/* SPDX-License-Identifier: MIT */
/*
 * Node options to a connected libblkio instance: what the blkio block driver
 * begins with, and all that those need who use the library directly.
 *
 * Threads: any; the instance then follows the library's rules.
 */
#ifndef BLOCK_INSTANCE_H
#define BLOCK_INSTANCE_H

#include <blkio-ext.h>

#include "util/err.h"

struct options;

/*
 * Create and connect the device that opts describe; it is not started. All
 * options are taken: "driver", "path" ("filename" for io_uring), "read-only",
 * "cache.direct", the driver's properties by name; "node-name" and "name"
 * mean nothing to a device. opts stays the caller's.
 *   -EINVAL   an option is missing, unknown or bad
 *   -ENOENT   no such driver
 *   other     from blkio_connect()
 */
int instance_connect(struct options *opts, struct blkio **b, struct err *err);

/* Make "WHAT: the library's text" of a failed call; returns ret, < 0. */
int instance_error(const char *what, int ret, struct err *err);

/* As blkio_list_properties(), all of them, malloc'ed; NULL: no memory. */
struct blkio_property *instance_properties(struct blkio *b, int *nr);

#endif
