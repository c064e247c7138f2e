/* SPDX-License-Identifier: MIT */
/* Every property can be read and set in the states and as the type that the
 * contract says, and in no other; null and ram have the same ones but one. */
#include "tests/libblkio/blkio_test.h"

enum {
	C = 1 << 0, /* states, as BLKIO_STATE_... */
	N = 1 << 1,
	S = 1 << 2,
};

#define BOOL BLKIO_PROPERTY_BOOL
#define INT BLKIO_PROPERTY_INT
#define U64 BLKIO_PROPERTY_UINT64
#define STR BLKIO_PROPERTY_STR

static const struct row {
	const char *name;
	enum blkio_property_type type;
	unsigned readable, settable;
	const char *value; /* when first read */
	const char *other; /* another that can be set */
} rows[] = {
	{"buf-alignment", INT, C | N | S, C, "1", "512"},
	{"can-add-queues", BOOL, C | N | S, C, "true", "false"},
	{"can-grow", BOOL, C | N | S, 0, "false", "true"},
	{"capacity", U64, N | S, 0, "1048576", "4096"},
	{"discard-alignment", INT, C | N | S, C, "1", "4096"},
	{"discard-alignment-offset", INT, C | N | S, C, "0", "512"},
	{"driver", STR, C | N | S, 0, NULL, "x"},
	{"error-after", U64, C | N | S, C | N, "0", "3"},
	{"error-count", U64, C | N | S, C | N, "0", "3"},
	{"error-errno", INT, C | N | S, C | N, "5", "28"},
	{"error-op", STR, C | N | S, C | N, "", "flush"},
	{"flush-needed", BOOL, C | N | S, C, "false", "true"},
	{"latency-us", U64, C | N | S, C | N, "0", "100"},
	{"max-discard-len", U64, C | N | S, C, "0", "65536"},
	{"max-mem-regions", U64, C | N | S, C, "18446744073709551615", "2"},
	{"max-queues", INT, C | N | S, C, "1024", "4"},
	{"max-segment-len", INT, C | N | S, C, "0", "4096"},
	{"max-segments", INT, C | N | S, C, "1024", "4"},
	{"max-transfer", INT, C | N | S, C, "0", "65536"},
	{"max-write-zeroes-len", U64, C | N | S, C, "0", "65536"},
	{"may-pin-mem-regions", BOOL, C | N | S, C, "false", "true"},
	{"mem-region-alignment", U64, C | N | S, C, "1", "4096"},
	{"needs-mem-region-fd", BOOL, C | N | S, C, "false", "true"},
	{"needs-mem-regions", BOOL, C | N | S, C, "false", "true"},
	{"num-poll-queues", INT, C | N | S, N, "0", "1"},
	{"num-queues", INT, C | N | S, N, "1", "2"},
	{"optimal-buf-alignment", INT, C | N | S, C, "1", "4096"},
	{"optimal-io-alignment", INT, C | N | S, C, "4096", "512"},
	{"optimal-io-size", INT, C | N | S, C, "0", "65536"},
	{"queue-depth", INT, C | N | S, C | N, "0", "7"},
	{"read-only", BOOL, C | N | S, C, "false", "true"},
	{"read-zeroes", BOOL, C | N | S, C, "true", "false"},
	{"request-alignment", INT, C | N | S, C, "1", "512"},
	{"size", U64, C | N | S, C, "1048576", "4096"},
	{"supports-fua-natively", BOOL, C | N | S, C, "true", "false"},
	{"supports-poll-queues", BOOL, C | N | S, C, "true", "false"},
};

static bool has(const char *driver, const struct row *row)
{
	return strcmp(row->name, "read-zeroes") != 0 ||
	       strcmp(driver, "null") == 0;
}

static struct blkio *in_state(const char *driver, unsigned state)
{
	struct blkio *b = test_create(driver, "size=1048576");

	if (state != C)
		check_ok(blkio_connect(b));
	if (state == S)
		check_ok(blkio_start(b));
	return b;
}

/* 0 as getter of its own type does, or -errno; stores what is no value */
static int get_as(struct blkio *b, const char *name,
		  enum blkio_property_type type)
{
	bool flag = true;
	int i = -7, ret;
	uint64_t u = 7;
	char *s = (char *)b;

	switch (type) {
	case BOOL:
		ret = blkio_get_bool(b, name, &flag);
		check(ret == 0 || !flag);
		return ret;
	case INT:
		ret = blkio_get_int(b, name, &i);
		check(ret == 0 || i == 0);
		return ret;
	case U64:
		ret = blkio_get_uint64(b, name, &u);
		check(ret == 0 || u == 0);
		return ret;
	case STR:
		ret = blkio_get_str(b, name, &s);
		if (ret == 0)
			free(s);
		else
			check(!s);
		return ret;
	}
	abort();
}

static int set_as(struct blkio *b, const char *name,
		  enum blkio_property_type type)
{
	switch (type) {
	case BOOL:
		return blkio_set_bool(b, name, true);
	case INT:
		return blkio_set_int(b, name, 1);
	case U64:
		return blkio_set_uint64(b, name, 4096);
	case STR:
		return blkio_set_str(b, name, "");
	}
	abort();
}

static const struct {
	const char *getter, *setter;
} type_texts[] = {
	[BOOL] = {"Property is not a bool", "Property is not a bool"},
	[INT] = {"Property is not an int", "Property is not an int"},
	[U64] = {"Property is not an unsigned 64-bit integer",
		 "Property is not an unsigned 64-bit int"},
};

static void check_types(const char *driver, unsigned state,
			const struct row *row)
{
	const int readable = row->readable & state ? 0 : -ENODEV;
	struct blkio *b = in_state(driver, state);

	for (int type = BOOL; type < STR; type++) {
		if (type == (int)row->type)
			continue;
		check_fails(get_as(b, row->name, type), ENOTTY,
			    type_texts[type].getter);
		check_fails(set_as(b, row->name, type), ENOTTY,
			    type_texts[type].setter);
	}
	check_int(get_as(b, row->name, row->type), readable);
	check_int(get_as(b, row->name, STR), readable);
	blkio_destroy(&b);
}

static void check_text(const char *driver, unsigned state,
		       const struct row *row)
{
	struct blkio *b = in_state(driver, state);
	char *s;
	int ret = blkio_get_str(b, row->name, &s);

	if (!(row->readable & state)) {
		check_int(ret, -ENODEV);
		check_contains(blkio_get_error_msg(), "must be connected");
	} else {
		check_int(ret, 0);
		check_str(s, row->value ? row->value : driver);
	}
	free(s);
	blkio_destroy(&b);
}

static void check_set(const char *driver, unsigned state, const struct row *row)
{
	struct blkio *b = in_state(driver, state);
	int ret = blkio_set_str(b, row->name, row->other);
	char *s;

	if (row->settable & state) {
		check_int(ret, 0);
		check_ok(blkio_get_str(b, row->name, &s));
		check_str(s, row->other);
		free(s);
	} else if (!row->settable) {
		check_int(ret, -EACCES);
		check_contains(blkio_get_error_msg(), "Property is read-only");
	} else if (state == C) {
		check_int(ret, -ENODEV);
		check_contains(blkio_get_error_msg(), "must be connected");
	} else {
		check_int(ret, -EBUSY);
		check_contains(blkio_get_error_msg(), "Cannot set property");
	}
	blkio_destroy(&b);
}

static void check_list(const char *driver)
{
	struct blkio_property list[ARRAY_SIZE(rows)];
	struct blkio *b = test_create(driver, "");
	int nr = blkio_list_properties(b, list, ARRAY_SIZE(rows));
	const struct blkio_property *p = list;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!has(driver, &rows[i]))
			continue;
		check_str(p->name, rows[i].name);
		check_int(p->type, rows[i].type);
		check_int(p->readable, rows[i].readable);
		check_int(p->settable, rows[i].settable);
		p++;
	}
	check_int(nr, p - list);
	blkio_destroy(&b);
}

int main(void)
{
	static const char *const names[] = {"null", "ram"};

	for (size_t d = 0; d < ARRAY_SIZE(names); d++) {
		check_list(names[d]);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			if (!has(names[d], &rows[i]))
				continue;
			for (unsigned state = C; state <= S; state <<= 1) {
				check_types(names[d], state, &rows[i]);
				check_text(names[d], state, &rows[i]);
				check_set(names[d], state, &rows[i]);
			}
		}
	}
	return 0;
}
