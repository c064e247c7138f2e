/* SPDX-License-Identifier: MIT */
/*
 * Properties: looking up a driver's table, checking type, state and text
 * form, and the getters and setters for values that are plain fields.
 *
 * The order of checks is part of the contract: text is UTF-8, the name is
 * known, type (or text form), read-only, state, and last the setter's range.
 * Thread rule: under the instance's lock.
 */
#include "libblkio/property.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libblkio/properties.h"
#include "libblkio/status.h"
#include "libblkio/utf8.h"

static const char *const getter_type[] = {
	[BLKIO_PROPERTY_BOOL] = "a bool",
	[BLKIO_PROPERTY_INT] = "an int",
	[BLKIO_PROPERTY_UINT64] = "an unsigned 64-bit integer",
	[BLKIO_PROPERTY_STR] = "a string",
};

static int find(const struct blkio *b, const char *name,
		const struct property **p, struct err *err)
{
	*p = NULL;
	if (!utf8_valid(name))
		return err_set(err, EINVAL, "Invalid property name");
	for (int i = 0; i < b->drv->nr_props; i++) {
		*p = &b->drv->props[i];
		if (strcmp((*p)->name, name) == 0)
			return 0;
	}
	return err_set(err, ENOENT,
		       "Unknown property name \"%s\" for driver "
		       "\"%s\"",
		       name, b->drv->name);
}

static int find_typed(const struct blkio *b, const char *name,
		      enum blkio_property_type type, const struct property **p,
		      struct err *err)
{
	int ret = find(b, name, p, err);

	if (ret == 0 && (*p)->type != type)
		ret = err_set(err, ENOTTY, "Property is not %s: \"%s\"",
			      getter_type[type], name);
	return ret;
}

/* ---- values that are fields ---- */

static int get_field(struct blkio *b, const struct property *p,
		     union property_value *v)
{
	const char *field = (const char *)b + p->offset;

	switch (p->type) {
	case BLKIO_PROPERTY_BOOL:
		v->b = *(const bool *)field;
		break;
	case BLKIO_PROPERTY_INT:
		v->i = *(const int *)field;
		break;
	case BLKIO_PROPERTY_UINT64:
		v->u = *(const uint64_t *)field;
		break;
	case BLKIO_PROPERTY_STR:
		v->s = *(char *const *)field;
		break;
	}
	return 0;
}

static int set_str_field(char **field, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (!copy)
		return err_set(err, ENOMEM, "Out of memory");
	free(*field);
	*field = copy;
	return 0;
}

static int set_field(struct blkio *b, const struct property *p,
		     const union property_value *v, struct err *err)
{
	char *field = (char *)b + p->offset;

	switch (p->type) {
	case BLKIO_PROPERTY_BOOL:
		*(bool *)field = v->b;
		break;
	case BLKIO_PROPERTY_INT:
		*(int *)field = v->i;
		break;
	case BLKIO_PROPERTY_UINT64:
		*(uint64_t *)field = v->u;
		break;
	case BLKIO_PROPERTY_STR:
		return set_str_field((char **)field, v->s, err);
	}
	return 0;
}

/* ---- get ---- */

static int check_readable(const struct blkio *b, const struct property *p,
			  struct err *err)
{
	if (p->readable & b->state)
		return 0;
	return err_set(err, ENODEV, "Device must be connected to read \"%s\"",
		       p->name);
}

int property_check_readable(struct blkio *b, const char *name, struct err *err)
{
	const struct property *p;
	int ret = find(b, name, &p, err);

	return ret < 0 ? ret : check_readable(b, p, err);
}

static int get(struct blkio *b, const struct property *p,
	       union property_value *v, struct err *err)
{
	int ret = check_readable(b, p, err);

	if (ret == 0)
		ret = p->get ? p->get(b, p, v, err) : get_field(b, p, v);
	if (ret == 0 && p->type == BLKIO_PROPERTY_STR && !v->s)
		v->s = "";
	return ret;
}

int property_get(struct blkio *b, const char *name,
		 enum blkio_property_type type, union property_value *v,
		 struct err *err)
{
	const struct property *p;
	int ret = find_typed(b, name, type, &p, err);

	return ret < 0 ? ret : get(b, p, v, err);
}

int property_get_text(struct blkio *b, const char *name, char **text,
		      struct err *err)
{
	char number[24]; /* any 64-bit integer */
	union property_value v;
	const struct property *p;
	const char *s = number;
	int ret = find(b, name, &p, err);

	if (ret == 0)
		ret = get(b, p, &v, err);
	if (ret < 0)
		return ret;
	switch (p->type) {
	case BLKIO_PROPERTY_BOOL:
		s = v.b ? "true" : "false";
		break;
	case BLKIO_PROPERTY_INT:
		snprintf(number, sizeof(number), "%d", v.i);
		break;
	case BLKIO_PROPERTY_UINT64:
		snprintf(number, sizeof(number), "%" PRIu64, v.u);
		break;
	case BLKIO_PROPERTY_STR:
		s = v.s;
		break;
	}
	*text = strdup(s);
	return *text ? 0 : err_set(err, ENOMEM, "Out of memory");
}

int property_get_capacity(struct blkio *b, const struct property *p,
			  union property_value *v, struct err *err)
{
	return status_get_capacity(b, &v->u, err);
}

int property_get_driver(struct blkio *b, const struct property *p,
			union property_value *v, struct err *err)
{
	v->s = b->drv->name;
	return 0;
}

/* ---- set ---- */

static int set(struct blkio *b, const struct property *p,
	       const union property_value *v, struct err *err)
{
	if (!p->settable)
		return err_set(err, EACCES, "Property is read-only: \"%s\"",
			       p->name);
	if (!(p->settable & b->state)) {
		if (b->state == DEVICE_CREATED)
			return err_set(err, ENODEV,
				       "Device must be connected "
				       "to set \"%s\"",
				       p->name);
		return err_set(err, EBUSY,
			       "Cannot set property in %s state: "
			       "\"%s\"",
			       p->settable & DEVICE_CONNECTED ? "started"
							      : "connected",
			       p->name);
	}
	return p->set ? p->set(b, p, v, err) : set_field(b, p, v, err);
}

int property_set(struct blkio *b, const char *name,
		 enum blkio_property_type type, const union property_value *v,
		 struct err *err)
{
	const struct property *p;
	int ret = find_typed(b, name, type, &p, err);

	return ret < 0 ? ret : set(b, p, v, err);
}

/*
 * Decimal digits, no more than max; a leading '+' is fine, and a '-' where
 * min allows it. Sets *negative and the magnitude.
 */
static bool parse_number(const char *s, uint64_t max, uint64_t min_magnitude,
			 bool *negative, uint64_t *magnitude)
{
	uint64_t n = 0, limit = max;

	*negative = *s == '-' && min_magnitude > 0;
	if (*negative)
		limit = min_magnitude;
	if (*s == '+' || *negative)
		s++;
	if (*s == '\0')
		return false;
	for (; *s; s++) {
		unsigned digit = (unsigned char)*s - '0';

		if (digit > 9 || n > limit / 10 || n * 10 > limit - digit)
			return false;
		n = n * 10 + digit;
	}
	*magnitude = n;
	return true;
}

static int parse(const struct property *p, const char *text,
		 union property_value *v, struct err *err)
{
	bool negative;
	uint64_t n;

	switch (p->type) {
	case BLKIO_PROPERTY_BOOL:
		v->b = strcmp(text, "true") == 0;
		if (v->b || strcmp(text, "false") == 0)
			return 0;
		return err_set(err, EINVAL,
			       "Value must be \"true\" or "
			       "\"false\": %s=%s",
			       p->name, text);
	case BLKIO_PROPERTY_INT:
		if (!parse_number(text, INT_MAX, -(int64_t)INT_MIN, &negative,
				  &n))
			return err_set(err, EINVAL,
				       "Value must be a signed "
				       "32-bit integer: %s=%s",
				       p->name, text);
		v->i = negative ? -(int64_t)n : (int64_t)n;
		return 0;
	case BLKIO_PROPERTY_UINT64:
		if (!parse_number(text, UINT64_MAX, 0, &negative, &v->u))
			return err_set(err, EINVAL,
				       "Value must be an unsigned "
				       "64-bit integer: %s=%s",
				       p->name, text);
		return 0;
	case BLKIO_PROPERTY_STR:
		v->s = text;
		return 0;
	}
	__builtin_unreachable();
}

int property_set_text(struct blkio *b, const char *name, const char *text,
		      struct err *err)
{
	union property_value v;
	const struct property *p;
	int ret;

	if (!utf8_valid(name))
		return err_set(err, EINVAL, "Invalid property name");
	if (!utf8_valid(text))
		return err_set(err, EINVAL, "Invalid value string for \"%s\"",
			       name);
	ret = find(b, name, &p, err);
	if (ret == 0)
		ret = parse(p, text, &v, err);
	return ret < 0 ? ret : set(b, p, &v, err);
}

int property_set_queue_count(struct blkio *b, const struct property *p,
			     const union property_value *v, struct err *err)
{
	if (v->i < 0)
		return err_set(err, EINVAL,
			       "%s must be equal to or greater "
			       "than 0, not %d",
			       p->name, v->i);
	return set_field(b, p, v, err);
}

/* ---- list ---- */

/* The property whose name follows after (NULL: the first); there is one. */
static const struct property *next_by_name(const struct driver *drv,
					   const char *after)
{
	const struct property *best = NULL;

	for (int i = 0; i < drv->nr_props; i++) {
		const struct property *p = &drv->props[i];

		if (after && strcmp(p->name, after) <= 0)
			continue;
		if (!best || strcmp(p->name, best->name) < 0)
			best = p;
	}
	return best;
}

int property_list(struct blkio *b, struct blkio_property *properties, int max)
{
	const char *last = NULL;

	_Static_assert((int)BLKIO_STATE_CREATED == (int)DEVICE_CREATED &&
			       (int)BLKIO_STATE_CONNECTED ==
				       (int)DEVICE_CONNECTED &&
			       (int)BLKIO_STATE_STARTED == (int)DEVICE_STARTED,
		       "states can be passed on as they are");
	for (int i = 0; i < b->drv->nr_props && i < max; i++) {
		const struct property *p = next_by_name(b->drv, last);

		properties[i] = (struct blkio_property){
			.name = p->name,
			.type = p->type,
			.readable = p->readable,
			.settable = p->settable,
		};
		last = p->name;
	}
	return b->drv->nr_props;
}
