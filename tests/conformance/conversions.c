/* SPDX-License-Identifier: MIT */
/*
 * What holds for all properties: names, text forms, and the order of checks:
 * UTF-8, name, type or text form, read-only, state, range.
 */
#include "tests/conformance/conformance.h"

static void case_unknown_name(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char *s = (char *)&d;
	uint64_t u = 7;
	bool flag = true;
	int i = 7;

	check_fails(blkio_get_bool(d.b, "no-such", &flag), ENOENT, "nknown");
	check_fails(blkio_get_int(d.b, "no-such", &i), ENOENT, "nknown");
	check_fails(blkio_get_uint64(d.b, "", &u), ENOENT, "nknown");
	check_fails(blkio_get_str(d.b, "no-such", &s), ENOENT, "nknown");
	check(!flag && i == 0 && u == 0 && !s);
	check_fails(blkio_set_bool(d.b, "no-such", true), ENOENT, "nknown");
	check_fails(blkio_set_int(d.b, "Driver", 1), ENOENT, "nknown");
	check_fails(blkio_set_uint64(d.b, "capacity ", 1), ENOENT, "nknown");
	check_fails(blkio_set_str(d.b, "no-such", "1"), ENOENT, "nknown");
	dev_close(&d);
}

static void case_name_not_utf8(const struct target *t, const void *arg)
{
	static const char *const names[] = {"\xff", "path\xc0\xaf",
					    "\xed\xa0\x80"};
	struct dev d = dev_create(t);
	char *s;
	int i;

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		check_fails(blkio_get_int(d.b, names[k], &i), EINVAL, "name");
		check_fails(blkio_get_str(d.b, names[k], &s), EINVAL, "name");
		check_fails(blkio_set_bool(d.b, names[k], true), EINVAL,
			    "name");
		check_fails(blkio_set_str(d.b, names[k], "x"), EINVAL, "name");
	}
	dev_close(&d);
}

/* Such a getter, too, stores that there is no value. */
static void case_name_not_utf8_clears(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char *s = (char *)&d;
	uint64_t u = 7;
	bool flag = true;
	int i = 7;

	check_int(blkio_get_bool(d.b, "\xff", &flag), -EINVAL);
	check_int(blkio_get_int(d.b, "\xff", &i), -EINVAL);
	check_int(blkio_get_uint64(d.b, "\xff", &u), -EINVAL);
	check_int(blkio_get_str(d.b, "\xff", &s), -EINVAL);
	check(!flag && i == 0 && u == 0 && !s);
	dev_close(&d);
}

static void case_value_not_utf8(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_fails(blkio_set_str(d.b, "driver", "\xff"), EINVAL, "value");
	check_fails(blkio_set_str(d.b, "num-queues", "1\x80"), EINVAL, "value");
	check_fails(blkio_set_str(d.b, "no-such", "\xff"), EINVAL, "value");
	check_fails(blkio_set_str(d.b, "\xff", "\xff"), EINVAL, "name");
	dev_close(&d);
}

/* A name that is UTF-8 and not ASCII is merely unknown. */
static void case_utf8(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_fails(blkio_set_bool(d.b,
				   "gr\xc3\xb6\xc3\x9f"
				   "e",
				   true),
		    ENOENT, "nknown");
	check_fails(blkio_set_str(d.b, "driver", "\xf0\x9f\x98\x80"), EACCES,
		    "read-only");
	dev_close(&d);
}

static void case_type_first(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	bool flag;

	/* read-only, and not to be read yet: but first, another type */
	check_int(blkio_set_int(d.b, "capacity", 1), -ENOTTY);
	check_int(blkio_set_str(d.b, "capacity", "x"), -EINVAL);
	check_int(blkio_get_bool(d.b, "capacity", &flag), -ENOTTY);
	dev_close(&d);
}

static void case_read_only_second(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_int(blkio_set_uint64(d.b, "capacity", 1), -EACCES);
	check_int(blkio_set_str(d.b, "capacity", "1"), -EACCES);
	dev_close(&d);
}

static void case_state_third(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_int(blkio_set_int(d.b, "num-queues", -1), -ENODEV);
	check_int(blkio_set_str(d.b, "num-queues", "-1"), -ENODEV);
	check_int(blkio_set_str(d.b, "num-queues", "x"), -EINVAL);
	dev_do_connect(&d);
	check_int(blkio_set_int(d.b, "num-queues", -1), -EINVAL);
	dev_do_start(&d);
	check_int(blkio_set_int(d.b, "num-queues", -1), -EBUSY);
	check_int(blkio_set_str(d.b, "num-queues", "+1"), -EBUSY);
	check_int(blkio_set_str(d.b, "num-queues", "x"), -EINVAL);
	dev_close(&d);
}

static void case_numbers(const struct target *t, const void *arg)
{
	static const struct {
		const char *text;
		int value;
	} good[] = {
		{"+3", 3},
		{"003", 3},
		{"+0", 0},
		{"-0", 0},
		{"2147483647", INT32_MAX},
		{"0000000000000000000001", 1},
	};
	struct dev d = dev_connect(t);

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		check_ok(blkio_set_str(d.b, "num-queues", good[i].text));
		check_int(get_int(d.b, "num-queues"), good[i].value);
	}
	dev_close(&d);
}

void add_conversion_cases(struct suite *s)
{
	add_case(s, case_unknown_name, NULL, "properties.unknown-name");
	add_case(s, case_name_not_utf8, NULL, "properties.name-not-utf8");
	add_case(s, case_name_not_utf8_clears, NULL,
		 "properties.name-not-utf8-clears");
	add_case(s, case_value_not_utf8, NULL, "properties.value-not-utf8");
	add_case(s, case_utf8, NULL, "properties.utf8");
	add_case(s, case_type_first, NULL, "properties.order-type");
	add_case(s, case_read_only_second, NULL, "properties.order-read-only");
	add_case(s, case_state_third, NULL, "properties.order-state");
	add_case(s, case_numbers, NULL, "properties.numbers");
}
