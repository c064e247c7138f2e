/* SPDX-License-Identifier: MIT */
/*
 * Access to an instance's properties by name. Callers hold the lock.
 */
#ifndef LIBBLKIO_PROPERTY_H
#define LIBBLKIO_PROPERTY_H

#include "libblkio/properties.h"

/* Of the type given; errnos are those in blkio.h. */
int property_get(struct blkio *b, const char *name,
		 enum blkio_property_type type, union property_value *v,
		 struct err *err);
int property_set(struct blkio *b, const char *name,
		 enum blkio_property_type type, const union property_value *v,
		 struct err *err);

/* Of any type; *text is malloc'ed. */
int property_get_text(struct blkio *b, const char *name, char **text,
		      struct err *err);
int property_set_text(struct blkio *b, const char *name, const char *text,
		      struct err *err);

/* 0, or -ENODEV when the instance's state is too early to read it. */
int property_check_readable(struct blkio *b, const char *name, struct err *err);

/* As blkio_list_properties(). */
int property_list(struct blkio *b, struct blkio_property *properties, int max);

#endif
