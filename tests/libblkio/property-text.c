/* SPDX-License-Identifier: MIT */
/* The text form of a value: what is a bool, an int and a 64-bit number, to
 * the last digit of their ranges. */
#include "tests/libblkio/blkio_test.h"

static struct blkio *b;

static void good(const char *name, const char *text, const char *shown)
{
	char *s;

	check_ok(blkio_set_str(b, name, text));
	check_ok(blkio_get_str(b, name, &s));
	check_str(s, shown);
	free(s);
}

static void bad(const char *name, const char *text, const char *part)
{
	char *before, *after;

	check_ok(blkio_get_str(b, name, &before));
	check_fails(blkio_set_str(b, name, text), EINVAL, part);
	check_ok(blkio_get_str(b, name, &after));
	check_str(after, before);
	free(before);
	free(after);
}

int main(void)
{
	static const char *const not_bool[] = {"",    "True",  "1",
					       "yes", "true ", "truefalse"};
	static const char *const not_int[] = {"",
					      "+",
					      "-",
					      "x",
					      " 1",
					      "1 ",
					      "0x10",
					      "1.0",
					      "--1",
					      "+-1",
					      "2147483648",
					      "-2147483649",
					      "99999999999999999999"};
	static const char *const not_u64[] = {"",
					      "+",
					      "-",
					      "-1",
					      "-0",
					      "x",
					      " 1",
					      "1 ",
					      "0x10",
					      "18446744073709551616",
					      "99999999999999999999"};

	b = test_create("null", "");
	good("read-only", "true", "true");
	good("read-only", "false", "false");
	for (size_t i = 0; i < ARRAY_SIZE(not_bool); i++)
		bad("read-only", not_bool[i],
		    "Value must be \"true\" or \"false\"");
	good("max-transfer", "0", "0");
	good("max-transfer", "-0", "0");
	good("max-transfer", "+17", "17");
	good("max-transfer", "000000000000000000000000000000009", "9");
	good("max-transfer", "2147483647", "2147483647");
	good("max-transfer", "-2147483648", "-2147483648");
	for (size_t i = 0; i < ARRAY_SIZE(not_int); i++)
		bad("max-transfer", not_int[i],
		    "Value must be a signed 32-bit integer");
	good("size", "0", "0");
	good("size", "+1", "1");
	good("size", "18446744073709551615", "18446744073709551615");
	for (size_t i = 0; i < ARRAY_SIZE(not_u64); i++)
		bad("size", not_u64[i],
		    "Value must be an unsigned 64-bit integer");
	blkio_destroy(&b);
	return 0;
}
