/* SPDX-License-Identifier: MIT */
/*
 * DISK operands: what a user typed, as options, names and paths.
 *
 * Threads: main only.
 */
#ifndef CLI_DISK_H
#define CLI_DISK_H

#include <stdbool.h>

#include "block/options.h"
#include "util/err.h"

/*
 * Parse text, see options_parse(). With read_only the disk will be opened so
 * whatever its own options say. "-" and URIs are refused with a hint.
 */
int disk_options(const char *text, bool read_only, struct options **opts,
		 struct err *err);

/* The path that the options name, or NULL. Theirs. */
const char *disk_path(struct options *opts);

/* What to call the disk: name=, else the path's last part, else node-name=,
 * else the driver. Theirs. */
const char *disk_name(struct options *opts);

/* True when text is nothing but a path. */
bool disk_is_plain_path(struct options *opts, const char *text);

/*
 * An error of the disk that was given as text: put that in front where err
 * doesn't name it. Returns ret.
 */
int disk_failed(const char *text, int ret, struct err *err);

/* True when both paths are there and lead to the same file or device. */
bool disk_same_file(const char *path_a, const char *path_b);

#endif
