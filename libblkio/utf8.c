/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 check for names and values. The bounds on the second byte exclude
 * overlong forms, surrogates and code points above U+10FFFF. Pure.
 */
#include "libblkio/utf8.h"

#include <stddef.h>

/* Bytes of the sequence that starts with lead, and its second byte's range. */
static int sequence(unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0) {
		if (lead == 0xe0)
			*low = 0xa0;
		if (lead == 0xed)
			*high = 0x9f;
		return 3;
	}
	if (lead == 0xf0)
		*low = 0x90;
	if (lead == 0xf4)
		*high = 0x8f;
	return 4;
}

bool utf8_valid(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (!s)
		return false;
	while (*p) {
		unsigned char low, high;
		int n = sequence(*p++, &low, &high);

		if (n == 0)
			return false;
		/* the terminating NUL is below every bound: no overrun */
		for (; n > 1; n--, p++) {
			if (*p < low || *p > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}
