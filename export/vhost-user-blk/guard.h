/* SPDX-License-Identifier: MIT */
/*
 * Memory of others that may vanish: who shares a file can cut it short, and
 * then the next access to the part that is gone is a SIGBUS. Sizes and seals
 * seen at mapping don't help, since files that can't be sealed are common.
 *
 * So SIGBUS is caught: at an address in a guarded range it gets the rest of
 * the range replaced by zeroes, is noted for the range's owner, and the access
 * goes on. Any other SIGBUS does what it did before.
 *
 * Failure modes: no room for more ranges. Threads: any; the handler runs on
 * the one that touched the memory.
 */
#ifndef EXPORT_VHOST_USER_BLK_GUARD_H
#define EXPORT_VHOST_USER_BLK_GUARD_H

#include <stdatomic.h>
#include <stddef.h>

#include "util/err.h"

/* Catch SIGBUS in this process; again is the same as once. */
int guard_install(struct err *err);

/*
 * Guard a mapping of bytes at addr, whose pages are of page_bytes; *lost gets
 * true if it is hit. -ENOSPC: too many ranges in this process.
 */
int guard_add(void *addr, size_t bytes, size_t page_bytes, atomic_bool *lost,
	      struct err *err);

/* Before it is unmapped; nobody is using it any more. */
void guard_remove(void *addr);

#endif
