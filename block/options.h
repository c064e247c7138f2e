/* SPDX-License-Identifier: MIT */
/*
 * Node options: a set of key=value texts from a command line, JSON, or a
 * plain path. Who understands a key takes it; what nobody took is an error
 * that names it.
 *
 * Nested JSON objects become dotted keys ({"cache":{"direct":true}} is
 * cache.direct=true); booleans become on/off, numbers their decimal text.
 * In key=value text ",," stands for a comma in a value. Booleans are on/off
 * (also yes/no, true/false).
 */
#ifndef BLOCK_OPTIONS_H
#define BLOCK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct options;

/*
 * Parse what a user gives as DISK:
 *   {...}                     JSON object
 *   KEY=VALUE,...             when it starts with a key (letters, digits,
 *                             '-', '_' and '.') and '='
 *   anything else             a path; a relative path that looks like
 *                             key=value is written ./a=b
 * A plain path gives driver=io_uring,filename=PATH.
 *   -EINVAL   malformed, key given twice
 *   -ENOMEM
 */
int options_parse(const char *text, struct options **opts, struct err *err);

void options_free(struct options *opts); /* NULL: no-op */

/* Set or replace. 0 or -ENOMEM. */
int options_set(struct options *opts, const char *key, const char *value,
		struct err *err);

/* The value, owned by opts, marked as used; NULL when not given. */
const char *options_take(struct options *opts, const char *key);

/*
 * Typed takes: *value is changed only when the option is given. Return 1
 * when given, 0 when not, or -EINVAL with text naming the option.
 */
int options_take_bool(struct options *opts, const char *key, bool *value,
		      struct err *err);
int options_take_size(struct options *opts, const char *key, uint64_t *value,
		      struct err *err);

/* The next option that nobody took, marked as used; false when none is
 * left. For a driver that hands options through. */
bool options_take_any(struct options *opts, const char **key,
		      const char **value);

/* 0, or -EINVAL naming the first option that nobody took. */
int options_check_unused(struct options *opts, const char *what,
			 struct err *err);

#endif
