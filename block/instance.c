/* SPDX-License-Identifier: MIT */
/*
 * Options to properties, and the way up to a connected instance: see
 * instance.h. Options that have no meaning here go to the driver as properties
 * of the same name; some take a value before the connection, others only
 * after it, and the library tells which.
 *
 * Failure at any step destroys the instance; the texts name the step and
 * carry the library's own.
 */
#include "block/instance.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/options.h"
#include "util/compiler.h"
#include "util/size.h"

/* More options than any driver has properties */
#define MAX_HANDED_ON 128

/* Options that go to the driver as properties; the texts are the options' */
struct handed_on {
	const char *keys[MAX_HANDED_ON];
	const char *values[MAX_HANDED_ON];
	int nr;
};

struct instance {
	const char *driver;
	struct blkio *b;
	struct blkio_property *props;
	int nr_props;
};

int instance_error(const char *what, int ret, struct err *err)
{
	return err_set(err, -ret, "%s: %s", what, blkio_get_error_msg());
}

struct blkio_property *instance_properties(struct blkio *b, int *nr)
{
	struct blkio_property *props;

	*nr = blkio_list_properties(b, NULL, 0);
	props = calloc((size_t)MAX(*nr, 1), sizeof(*props));
	if (props)
		blkio_list_properties(b, props, *nr);
	return props;
}

static int set_failed(const char *name, int ret, struct err *err)
{
	return err_set(err, -ret, "failed to set %s: %s", name,
		       blkio_get_error_msg());
}

static int set_bool(struct blkio *b, const char *name, bool value,
		    struct err *err)
{
	int ret = blkio_set_bool(b, name, value);

	return ret < 0 ? set_failed(name, ret, err) : 0;
}

static bool is_io_uring(const struct instance *d)
{
	return strcmp(d->driver, "io_uring") == 0;
}

/* "path", for io_uring also "filename" */
static int set_path(struct instance *d, struct options *opts, struct err *err)
{
	const char *path = options_take(opts, "path");
	int ret;

	if (is_io_uring(d)) {
		const char *filename = options_take(opts, "filename");

		if (filename && path)
			return err_set(err, EINVAL,
				       "options 'filename' and "
				       "'path' mean the same: give one");
		path = filename ? filename : path;
	}
	if (!path)
		return 0;
	ret = blkio_set_str(d->b, "path", path);
	return ret < 0 ? set_failed("path", ret, err) : 0;
}

/*
 * QEMU's rule: only io_uring can go through the page cache. The property's
 * own name, "direct", is taken as well.
 */
static int set_cache(struct instance *d, struct options *opts, struct err *err)
{
	bool direct = !is_io_uring(d);
	int ret = options_take_bool(opts, "cache.direct", &direct, err);

	if (ret == 1 && is_io_uring(d) && options_take(opts, "direct"))
		return err_set(err, EINVAL,
			       "options 'cache.direct' and 'direct' mean the "
			       "same: give one");
	if (ret == 0 && is_io_uring(d))
		ret = options_take_bool(opts, "direct", &direct, err);
	if (ret < 0)
		return ret;
	if (is_io_uring(d))
		return set_bool(d->b, "direct", direct, err);
	if (!direct)
		return err_set(err, EINVAL,
			       "cache.direct=off is not supported "
			       "by driver '%s'",
			       d->driver);
	return 0;
}

/* A value as users write it ("on", "64K") in the library's spelling. */
static int spell_value(const struct blkio_property *p, const char *value,
		       char *buf, size_t len, struct err *err)
{
	uint64_t bytes;
	bool on;

	if (p->type == BLKIO_PROPERTY_BOOL &&
	    (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)) {
		on = strcmp(value, "on") == 0;
		snprintf(buf, len, "%s", on ? "true" : "false");
	} else if (p->type == BLKIO_PROPERTY_UINT64 ||
		   (p->type == BLKIO_PROPERTY_INT && *value != '-')) {
		if (size_parse(value, &bytes) < 0)
			return err_set(err, EINVAL,
				       "option '%s' must be a "
				       "number or a size such as 64K, not '%s'",
				       p->name, value);
		snprintf(buf, len, "%llu", (unsigned long long)bytes);
	} else if (strlen(value) >= len) {
		return err_set(err, EINVAL, "option '%s' is too long", p->name);
	} else {
		strcpy(buf, value);
	}
	return 0;
}

static const struct blkio_property *find_property(const struct instance *d,
						  const char *name)
{
	for (int i = 0; i < d->nr_props; i++)
		if (strcmp(d->props[i].name, name) == 0)
			return &d->props[i];
	return NULL;
}

static int set_property(struct instance *d, const struct blkio_property *p,
			const char *value, struct err *err)
{
	char spelt[PATH_MAX];
	int ret = spell_value(p, value, spelt, sizeof(spelt), err);

	if (ret < 0)
		return ret;
	ret = blkio_set_str(d->b, p->name, spelt);
	return ret < 0 ? set_failed(p->name, ret, err) : 0;
}

/*
 * Set those of the properties whose first chance is this state. Called
 * before and after connect; what is never settable is refused.
 */
static int set_properties(struct instance *d, const struct handed_on *handed,
			  uint32_t state, struct err *err)
{
	int ret = 0;

	for (int i = 0; ret == 0 && i < handed->nr; i++) {
		const struct blkio_property *p =
			find_property(d, handed->keys[i]);

		if (!p)
			return err_set(err, EINVAL,
				       "driver '%s': unknown "
				       "option '%s'",
				       d->driver, handed->keys[i]);
		if (!p->settable)
			return err_set(err, EINVAL,
				       "driver '%s': property "
				       "'%s' can't be set",
				       d->driver, handed->keys[i]);
		/* the lowest bit is the earliest state */
		if ((p->settable & -p->settable) == state)
			ret = set_property(d, p, handed->values[i], err);
	}
	return ret;
}

static int set_read_only(struct instance *d, struct options *opts,
			 struct err *err)
{
	bool read_only = false;
	int ret = options_take_bool(opts, "read-only", &read_only, err);

	return ret < 0 ? ret : set_bool(d->b, "read-only", read_only, err);
}

static int take_handed_on(struct options *opts, struct handed_on *handed,
			  struct err *err)
{
	options_take(opts, "node-name");
	options_take(opts, "name");
	handed->nr = 0;
	while (handed->nr < MAX_HANDED_ON &&
	       options_take_any(opts, &handed->keys[handed->nr],
				&handed->values[handed->nr]))
		handed->nr++;
	return options_check_unused(opts, "too many options", err);
}

/* A device is found by its path, or by an fd where the driver takes one. */
static int check_path(const struct instance *d, struct options *opts,
		      const struct handed_on *handed, struct err *err)
{
	if (!find_property(d, "path") || options_take(opts, "path") ||
	    options_take(opts, "filename"))
		return 0;
	for (int i = 0; i < handed->nr; i++)
		if (strcmp(handed->keys[i], "fd") == 0)
			return 0;
	return err_set(err, EINVAL, "driver '%s': missing 'path' option",
		       d->driver);
}

static int connect_with(struct instance *d, struct options *opts,
			struct err *err)
{
	struct handed_on handed;
	int ret = set_path(d, opts, err);

	if (ret == 0)
		ret = set_cache(d, opts, err);
	if (ret == 0)
		ret = set_read_only(d, opts, err);
	if (ret == 0)
		ret = take_handed_on(opts, &handed, err);
	if (ret == 0)
		ret = check_path(d, opts, &handed, err);
	if (ret == 0)
		ret = set_properties(d, &handed, BLKIO_STATE_CREATED, err);
	if (ret < 0)
		return ret;
	ret = blkio_connect(d->b);
	if (ret < 0)
		return instance_error("blkio_connect failed", ret, err);
	return set_properties(d, &handed, BLKIO_STATE_CONNECTED, err);
}

int instance_connect(struct options *opts, struct blkio **b, struct err *err)
{
	struct instance d = {.driver = options_take(opts, "driver")};
	int ret;

	*b = NULL;
	if (!d.driver)
		return err_set(err, EINVAL, "missing 'driver' option");
	ret = blkio_create(d.driver, &d.b);
	if (ret < 0)
		return err_set(err, -ret,
			       "blkio_create failed: driver '%s': %s", d.driver,
			       blkio_get_error_msg());
	d.props = instance_properties(d.b, &d.nr_props);
	ret = d.props ? connect_with(&d, opts, err)
		      : err_set(err, ENOMEM, "no memory for the properties");
	free(d.props);
	if (ret < 0)
		blkio_destroy(&d.b);
	*b = d.b;
	return ret;
}
