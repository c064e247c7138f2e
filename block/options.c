/* SPDX-License-Identifier: MIT */
/*
 * Node options: see options.h. A short list searched from the front: option
 * sets have a handful of entries and are read once, at open.
 */
#include "block/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/list.h"
#include "util/size.h"

struct option {
	struct list_node link;
	char *key, *value;
	bool used;
};

struct options {
	struct list list; /* struct option, in the order given */
};

static struct option *find(struct options *opts, const char *key)
{
	list_for_each(n, &opts->list)
	{
		struct option *o = list_entry(n, struct option, link);

		if (strcmp(o->key, key) == 0)
			return o;
	}
	return NULL;
}

static void option_free(struct option *o)
{
	free(o->key);
	free(o->value);
	free(o);
}

void options_free(struct options *opts)
{
	struct list_node *n;

	if (!opts)
		return;
	while ((n = list_pop_front(&opts->list)))
		option_free(list_entry(n, struct option, link));
	free(opts);
}

static int no_memory(struct err *err)
{
	return err_set(err, ENOMEM, "no memory for options");
}

/* Append; the key must be new. */
static int add(struct options *opts, const char *key, const char *value,
	       struct err *err)
{
	struct option *o;

	if (find(opts, key))
		return err_set(err, EINVAL, "option '%s' is given twice", key);
	o = calloc(1, sizeof(*o));
	if (!o)
		return no_memory(err);
	o->key = strdup(key);
	o->value = strdup(value);
	if (!o->key || !o->value) {
		option_free(o);
		return no_memory(err);
	}
	list_push_back(&opts->list, &o->link);
	return 0;
}

int options_set(struct options *opts, const char *key, const char *value,
		struct err *err)
{
	struct option *o = find(opts, key);
	char *copy;

	if (!o)
		return add(opts, key, value, err);
	copy = strdup(value);
	if (!copy)
		return no_memory(err);
	free(o->value);
	o->value = copy;
	return 0;
}

/* ---- JSON ---- */

static int add_json(struct options *opts, const char *prefix,
		    const json_t *value, struct err *err);

static int add_json_object(struct options *opts, const char *prefix,
			   const json_t *object, struct err *err)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)object, key, value)
	{
		char *path;
		int ret;

		if (asprintf(&path, "%s%s%s", prefix, *prefix ? "." : "", key) <
		    0)
			return no_memory(err);
		ret = add_json(opts, path, value, err);
		free(path);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int add_json(struct options *opts, const char *prefix,
		    const json_t *value, struct err *err)
{
	char number[32];

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return add_json_object(opts, prefix, value, err);
	case JSON_STRING:
		return add(opts, prefix, json_string_value(value), err);
	case JSON_TRUE:
		return add(opts, prefix, "on", err);
	case JSON_FALSE:
		return add(opts, prefix, "off", err);
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return add(opts, prefix, number, err);
	default:
		return err_set(
			err, EINVAL,
			"option '%s': the JSON value must "
			"be a string, an integer, a boolean or an object",
			prefix);
	}
}

static int parse_json(const char *text, struct options *opts, struct err *err)
{
	json_error_t fault;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
	int ret;

	if (!root)
		return err_set(err, EINVAL, "JSON options, column %d: %s",
			       fault.column, fault.text);
	ret = add_json(opts, "", root, err);
	json_decref(root);
	return ret;
}

/* ---- key=value,... ---- */

/* Length of the key when text starts with KEY=, else 0. */
static size_t key_length(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) ||
	       (len && text[len] && strchr("-_.", text[len])))
		len++;
	return text[len] == '=' ? len : 0;
}

/* Copy the value at *text up to a single comma; *text moves behind that. */
static void take_value(const char **text, char *value)
{
	const char *p = *text;

	for (; *p; p++) {
		if (*p == ',' && *++p != ',')
			break;
		*value++ = *p;
	}
	*value = '\0';
	*text = p;
}

static int parse_key_values(const char *text, struct options *opts,
			    struct err *err)
{
	size_t room = strlen(text) + 1;
	char *key = malloc(room), *value = malloc(room);
	int ret = key && value ? 0 : no_memory(err);

	while (ret == 0 && *text) {
		size_t len = key_length(text);

		if (!len) {
			ret = err_set(err, EINVAL, "expected KEY=VALUE at '%s'",
				      text);
			break;
		}
		memcpy(key, text, len);
		key[len] = '\0';
		text += len + 1;
		take_value(&text, value);
		ret = add(opts, key, value, err);
	}
	free(key);
	free(value);
	return ret;
}

int options_parse(const char *text, struct options **out, struct err *err)
{
	struct options *opts = malloc(sizeof(*opts));
	int ret;

	*out = NULL;
	if (!opts)
		return no_memory(err);
	list_init(&opts->list);
	if (*text == '{') {
		ret = parse_json(text, opts, err);
	} else if (key_length(text)) {
		ret = parse_key_values(text, opts, err);
	} else if (!*text) {
		ret = err_set(err, EINVAL, "empty disk name");
	} else {
		ret = add(opts, "driver", "io_uring", err);
		if (ret == 0)
			ret = add(opts, "filename", text, err);
	}
	if (ret < 0) {
		options_free(opts);
		return ret;
	}
	*out = opts;
	return 0;
}

/* ---- taking ---- */

const char *options_take(struct options *opts, const char *key)
{
	struct option *o = find(opts, key);

	if (!o)
		return NULL;
	o->used = true;
	return o->value;
}

int options_take_bool(struct options *opts, const char *key, bool *value,
		      struct err *err)
{
	static const char *const on[] = {"on", "yes", "true"};
	static const char *const off[] = {"off", "no", "false"};
	const char *text = options_take(opts, key);

	if (!text)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		if (strcmp(text, on[i]) && strcmp(text, off[i]))
			continue;
		*value = strcmp(text, on[i]) == 0;
		return 1;
	}
	return err_set(err, EINVAL, "option '%s' must be on or off, not '%s'",
		       key, text);
}

int options_take_size(struct options *opts, const char *key, uint64_t *value,
		      struct err *err)
{
	const char *text = options_take(opts, key);

	if (!text)
		return 0;
	if (size_parse(text, value) < 0)
		return err_set(err, EINVAL,
			       "option '%s' must be a size such "
			       "as 512, 64K or 1G, not '%s'",
			       key, text);
	return 1;
}

bool options_take_any(struct options *opts, const char **key,
		      const char **value)
{
	list_for_each(n, &opts->list)
	{
		struct option *o = list_entry(n, struct option, link);

		if (o->used)
			continue;
		o->used = true;
		*key = o->key;
		*value = o->value;
		return true;
	}
	return false;
}

int options_check_unused(struct options *opts, const char *what,
			 struct err *err)
{
	list_for_each(n, &opts->list)
	{
		struct option *o = list_entry(n, struct option, link);

		if (!o->used)
			return err_set(err, EINVAL, "%s: unknown option '%s'",
				       what, o->key);
	}
	return 0;
}
