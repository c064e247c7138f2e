/* SPDX-License-Identifier: MIT */
/*
 * Devices through <blkio.h>: see disk_device.h.
 *
 * Some properties take a value before the connection, others only after it;
 * the library tells which. Options that the block layer understands itself
 * (node-name) mean nothing here and are accepted.
 */
#include "cli/disk_device.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/size.h"

#define MAX_EXTRA 64 /* options that are properties of the driver */

struct pair {
	const char *name, *value;
};

int disk_error(const char *what, int ret, struct err *err)
{
	return err_set(err, -ret, "%s: %s", what, blkio_get_error_msg());
}

struct blkio_property *disk_properties(struct blkio *b, int *nr)
{
	struct blkio_property *properties;

	*nr = blkio_list_properties(b, NULL, 0);
	properties = calloc((size_t)MAX(*nr, 1), sizeof(*properties));
	if (properties)
		blkio_list_properties(b, properties, *nr);
	return properties;
}

static const struct blkio_property *
property_find(const struct blkio_property *properties, int nr, const char *name)
{
	for (int i = 0; i < nr; i++)
		if (strcmp(properties[i].name, name) == 0)
			return &properties[i];
	return NULL;
}

/* Set p from text as options have it: on/off, sizes with a unit. */
static int property_set(struct blkio *b, const struct blkio_property *p,
			const char *text, struct err *err)
{
	char number[24];
	uint64_t bytes;
	int ret;

	if (p->type == BLKIO_PROPERTY_BOOL) {
		if (strcmp(text, "on") == 0)
			text = "true";
		else if (strcmp(text, "off") == 0)
			text = "false";
	} else if (p->type != BLKIO_PROPERTY_STR &&
		   size_parse(text, &bytes) == 0) {
		snprintf(number, sizeof(number), "%" PRIu64, bytes);
		text = number;
	}
	ret = blkio_set_str(b, p->name, text);
	return ret < 0 ? err_set(err, -ret, "option '%s': %s", p->name,
				 blkio_get_error_msg())
		       : 0;
}

/* Set those of the pairs that this state is the time for. */
static int pairs_set(struct blkio *b, const struct pair *pairs, int nr_pairs,
		     bool connected, struct err *err)
{
	struct blkio_property *properties;
	int nr, ret = 0;

	properties = disk_properties(b, &nr);
	if (!properties)
		return err_set(err, ENOMEM, "no memory for the properties");
	for (int i = 0; ret == 0 && i < nr_pairs; i++) {
		const struct blkio_property *p =
			property_find(properties, nr, pairs[i].name);

		if (!p)
			ret = err_set(err, EINVAL, "unknown option '%s'",
				      pairs[i].name);
		else if (connected == !(p->settable & BLKIO_SETTABLE_CREATED))
			ret = property_set(b, p, pairs[i].value, err);
	}
	free(properties);
	return ret;
}

/* Options as the library's properties; returns how many, or -EINVAL. */
static int pairs_take(struct options *opts, struct pair *pairs, struct err *err)
{
	const char *path = options_take(opts, "path");
	const char *direct = options_take(opts, "cache.direct");
	int nr = 0;

	options_take(opts, "node-name");
	if (!path)
		path = options_take(opts, "filename");
	if (path)
		pairs[nr++] = (struct pair){"path", path};
	if (direct)
		pairs[nr++] = (struct pair){"direct", direct};
	while (options_take_any(opts, &pairs[nr].name, &pairs[nr].value))
		if (++nr == MAX_EXTRA)
			return err_set(err, EINVAL, "more than %d options",
				       MAX_EXTRA - 1);
	return nr;
}

int disk_connect(struct options *opts, struct blkio **b, struct err *err)
{
	const char *driver = options_take(opts, "driver");
	struct pair pairs[MAX_EXTRA + 1];
	int nr, ret;

	if (!driver)
		return err_set(err, EINVAL, "option 'driver' is missing");
	nr = pairs_take(opts, pairs, err);
	if (nr < 0)
		return nr;
	ret = blkio_create(driver, b);
	if (ret < 0)
		return err_set(err, -ret, "driver '%s': %s", driver,
			       blkio_get_error_msg());
	ret = pairs_set(*b, pairs, nr, false, err);
	if (ret == 0) {
		ret = blkio_connect(*b);
		if (ret < 0)
			err_set(err, -ret, "%s", blkio_get_error_msg());
	}
	if (ret == 0)
		ret = pairs_set(*b, pairs, nr, true, err);
	if (ret < 0)
		blkio_destroy(b);
	return ret;
}
