/* SPDX-License-Identifier: MIT */
/*
 * For files that define public entry points. Everything else is hidden.
 */
#ifndef LIBBLKIO_API_H
#define LIBBLKIO_API_H

#include <blkio-ext.h>

#define BLKIO_PUBLIC __attribute__((visibility("default")))

/* Exported, but not in blkio.h. */
const char *blkio_get_error_msg_(void);
void blkio_set_error_msg_(const char *text, size_t len);

_Static_assert(sizeof(void *) != 8 || sizeof(struct blkio_mem_region) == 40,
	       "ABI of libblkio 1.5.0");
_Static_assert(sizeof(void *) != 8 || sizeof(struct blkio_completion) == 32,
	       "ABI of libblkio 1.5.0");
_Static_assert(sizeof(struct blkio_zone) == 64, "ABI of libblkio 1.5.0");
_Static_assert(sizeof(struct blkio_extent) == 16, "ABI of blkio-ext.h");

#endif
