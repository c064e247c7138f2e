/* SPDX-License-Identifier: MIT */
/* Names and values that are not UTF-8 are refused; all that is, is taken. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	static const char *const good[] = {
		"caf\xc3\xa9",	"\xc2\x80",	    "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf",	    "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
	};
	static const char *const bad[] = {
		"\x80",		    /* continuation alone */
		"\xc3",		    /* ends early */
		"\xc3(",	    /* no continuation */
		"\xe2\x82",	    /* ends early */
		"\xf0\x9f\x98",	    /* ends early */
		"\xc0\xaf",	    /* overlong */
		"\xc1\xbf",	    /* overlong */
		"\xe0\x9f\xbf",	    /* overlong */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xed\xa0\x80",	    /* surrogate */
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"ok\xff",
	};
	struct blkio *b = test_create("null", ""), *none = b;
	char *s = (char *)good;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		check_fails(blkio_create(good[i], &none), ENOENT, "Unknown");
		check_fails(blkio_set_str(b, good[i], ""), ENOENT, "Unknown");
		check_fails(blkio_set_str(b, "size", good[i]), EINVAL,
			    "Value must be");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		none = b;
		check_fails(blkio_create(bad[i], &none), EINVAL,
			    "Invalid driver name");
		check(!none);
		check_fails(blkio_get_str(b, bad[i], &s), EINVAL,
			    "Invalid property name");
		check(!s);
		check_fails(blkio_set_str(b, "error-op", bad[i]), EINVAL,
			    "Invalid value string");
	}
	blkio_destroy(&b);
	return 0;
}
