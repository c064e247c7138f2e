/* SPDX-License-Identifier: MIT */
/*
 * Every property of the contract, in every state: read as its own type, as
 * text and as other types, and set. What a driver lacks is unknown to it.
 */
#include <inttypes.h>

#include "tests/conformance/conformance.h"

#define TEXT_BYTES 4200 /* the longest path and more */

static const unsigned states[] = {CREATED, CONNECTED, STARTED};

/* ---- access by type ---- */

/* Get through the getter of that type; *text: what it stored. */
static int get_typed(struct blkio *b, const char *name, enum type type,
		     char *text)
{
	uint64_t u = 77;
	bool flag = true;
	char *s = text;
	int i = 77, ret;

	if (type == BOOL) {
		ret = blkio_get_bool(b, name, &flag);
		snprintf(text, TEXT_BYTES, "%s", flag ? "true" : "false");
	} else if (type == INT) {
		ret = blkio_get_int(b, name, &i);
		snprintf(text, TEXT_BYTES, "%d", i);
	} else if (type == UINT64) {
		ret = blkio_get_uint64(b, name, &u);
		snprintf(text, TEXT_BYTES, "%" PRIu64, u);
	} else {
		ret = blkio_get_str(b, name, &s);
		snprintf(text, TEXT_BYTES, "%s", s ? s : "(null)");
		free(s);
	}
	return ret;
}

/* What a getter stores when it fails. */
static const char *nothing(enum type type)
{
	static const char *const texts[] = {
		[BOOL] = "false",
		[INT] = "0",
		[UINT64] = "0",
		[STR] = "(null)",
	};

	return texts[type];
}

static void check_get_fails(struct blkio *b, const char *name, enum type type,
			    int errnum)
{
	char text[TEXT_BYTES];

	check_refused(get_typed(b, name, type, text), errnum);
	check_str(text, nothing(type));
}

static int set_typed(struct blkio *b, const char *name, enum type type,
		     const char *text)
{
	if (type == BOOL)
		return blkio_set_bool(b, name, strcmp(text, "true") == 0);
	if (type == INT)
		return blkio_set_int(b, name, atoi(text));
	if (type == UINT64)
		return blkio_set_uint64(b, name, strtoull(text, NULL, 10));
	return blkio_set_str(b, name, text);
}

/* ---- expectations ---- */

/* The value that p has in the state; false: it can't be told. */
static bool expected(const struct target *t, const struct property_fact *p,
		     unsigned state, char *text)
{
	const char *setting = target_setting(t, p->name);
	const char *value = state == CREATED ? p->created : p->connected;

	if (setting && (state != CREATED || p->settable & CREATED))
		value = setting;
	else if (state != CREATED && p->value)
		p->value(t, text, TEXT_BYTES);
	else if (!value)
		return false;
	if (value)
		snprintf(text, TEXT_BYTES, "%s", value);
	return true;
}

/* What setting a value that is right comes to in the state. */
static int set_result(const struct property_fact *p, unsigned state)
{
	if (p->settable & state)
		return -p->refused;
	if (!p->settable)
		return -EACCES;
	return state == CREATED ? -ENODEV : -EBUSY;
}

/* ---- cases ---- */

/* As type, or as text: its value where it can be read, -ENODEV before. */
static void check_get(const struct target *t, const struct property_fact *p,
		      enum type type)
{
	char got[TEXT_BYTES], want[TEXT_BYTES];

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct dev d = dev_in_state(t, states[i]);

		if (!(p->readable & states[i])) {
			check_get_fails(d.b, p->name, type, ENODEV);
		} else {
			check_ok(get_typed(d.b, p->name, type, got));
			if (expected(t, p, states[i], want))
				check_str(got, want);
		}
		dev_close(&d);
	}
}

static void case_get(const struct target *t, const void *arg)
{
	const struct property_fact *p = arg;

	check_get(t, p, p->type);
}

static void case_text(const struct target *t, const void *arg)
{
	check_get(t, arg, STR);
}

/* Other types' getters and setters: -ENOTTY, whatever the state. */
static void case_types(const struct target *t, const void *arg)
{
	const struct property_fact *p = arg;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct dev d = dev_in_state(t, states[i]);

		for (int type = BOOL; type < STR; type++) {
			if (type == (int)p->type)
				continue;
			check_get_fails(d.b, p->name, (enum type)type, ENOTTY);
			check_refused(
				set_typed(d.b, p->name, (enum type)type, "1"),
				ENOTTY);
		}
		dev_close(&d);
	}
}

static void check_set(const struct target *t, const struct property_fact *p,
		      enum type type, unsigned state)
{
	struct dev d = dev_in_state(t, state);
	char text[TEXT_BYTES];
	int ret = set_typed(d.b, p->name, type, p->other);

	check_int(ret, set_result(p, state));
	if (ret == 0) {
		check_ok(get_typed(d.b, p->name, p->type, text));
		check_str(text, p->other);
	}
	dev_close(&d);
}

static void case_set(const struct target *t, const void *arg)
{
	const struct property_fact *p = arg;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		check_set(t, p, p->type, states[i]);
		check_set(t, p, STR, states[i]);
	}
}

/* A value out of range: -EINVAL where any can be set, and no change. */
static void case_range(const struct target *t, const void *arg)
{
	const struct property_fact *p = arg;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct dev d = dev_in_state(t, states[i]);
		int want = set_result(p, states[i]);
		char before[TEXT_BYTES], after[TEXT_BYTES];

		check_ok(get_typed(d.b, p->name, p->type, before));
		check_int(set_typed(d.b, p->name, p->type, p->bad),
			  want ? want : -EINVAL);
		check_int(blkio_set_str(d.b, p->name, p->bad),
			  want ? want : -EINVAL);
		check_ok(get_typed(d.b, p->name, p->type, after));
		check_str(after, before);
		dev_close(&d);
	}
}

/* Text that is no value of the type: told before anything else. */
static void case_parse(const struct target *t, const void *arg)
{
	static const char *const texts[][12] = {
		[BOOL] = {"", "True", "1", "yes", "true ", " true", "falsE"},
		[INT] = {"", "x", "+", "-", " 1", "1 ", "0x1", "1.0", "--1",
			 "2147483648", "-2147483649"},
		[UINT64] = {"", "x", "+", "-1", " 1", "1 ", "0x1", "1k", "++1",
			    "18446744073709551616", "-0"},
	};
	const struct property_fact *p = arg;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct dev d = dev_in_state(t, states[i]);

		for (int k = 0; k < 12 && texts[p->type][k]; k++)
			check_refused(
				blkio_set_str(d.b, p->name, texts[p->type][k]),
				EINVAL);
		dev_close(&d);
	}
}

static void case_absent(const struct target *t, const void *arg)
{
	const char *name = arg;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct dev d = dev_in_state(t, states[i]);

		for (int type = BOOL; type <= STR; type++) {
			check_get_fails(d.b, name, (enum type)type, ENOENT);
			check_refused(
				set_typed(d.b, name, (enum type)type, "1"),
				ENOENT);
		}
		dev_close(&d);
	}
}

static void add_property(struct suite *s, const struct property_fact *p)
{
	add_case(s, case_get, p, "property.%s.get", p->name);
	add_case(s, case_text, p, "property.%s.text", p->name);
	add_case(s, case_types, p, "property.%s.types", p->name);
	add_case(s, case_set, p, "property.%s.set", p->name);
	if (p->type != STR)
		add_case(s, case_parse, p, "property.%s.parse", p->name);
	if (p->bad)
		add_case(s, case_range, p, "property.%s.range", p->name);
}

void add_property_cases(struct suite *s)
{
	for (int i = 0; i < nr_property_names; i++) {
		const char *name = property_names[i];
		const struct property_fact *p = fact_of(s->t, name);

		if (p)
			add_property(s, p);
		else
			add_case(s, case_absent, name, "property.%s.absent",
				 name);
	}
}
