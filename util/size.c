/* SPDX-License-Identifier: MIT */
/*
 * Numbers and sizes as people write them: see size.h.
 */
#include "util/size.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Digits at *text into *value; *text moves past them. */
static int digits_parse(const char **text, uint64_t *value)
{
	const char *p = *text;
	uint64_t v = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (unsigned)(*p - '0'), &v))
			return -ERANGE;
	*text = p;
	*value = v;
	return 0;
}

int size_parse(const char *text, uint64_t *bytes)
{
	static const char units[] = "bkmgtpe";
	uint64_t v, scale = 1;
	int ret;

	ret = digits_parse(&text, &v);
	if (ret < 0)
		return ret;
	if (*text) {
		int c = tolower((unsigned char)*text++);
		const char *unit = strchr(units, c);

		if (c == 's')
			scale = 512;
		else if (unit)
			scale = 1ull << (10 * (unit - units));
		else
			return -EINVAL;
	}
	if (*text)
		return -EINVAL;
	if (__builtin_mul_overflow(v, scale, &v))
		return -ERANGE;
	*bytes = v;
	return 0;
}

int number_parse(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t v;
	int ret;

	ret = digits_parse(&text, &v);
	if (ret < 0)
		return ret;
	if (*text)
		return -EINVAL;
	if (v > max)
		return -ERANGE;
	*value = v;
	return 0;
}

char *size_format(uint64_t bytes, char buf[SIZE_TEXT_LEN])
{
	static const char units[] = "KMGTPE";
	double v = (double)bytes;
	int unit = -1;

	while (v >= 1024 && unit < 5) {
		v /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(buf, SIZE_TEXT_LEN, "%u", (unsigned)bytes);
	else if (v == (double)(unsigned)v)
		snprintf(buf, SIZE_TEXT_LEN, "%u%c", (unsigned)v, units[unit]);
	else
		snprintf(buf, SIZE_TEXT_LEN, "%.1f%c", v, units[unit]);
	return buf;
}
