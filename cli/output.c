/* SPDX-License-Identifier: MIT */
/*
 * Results on stdout: see output.h.
 */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"

int json_print(json_t *object)
{
	if (!object)
		return -ENOMEM;
	/* what can't be written is found by main(), as for all output */
	if (json_dumpf(object, stdout,
		       JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0)
		putchar('\n');
	json_decref(object);
	return 0;
}

json_t *json_uint64(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value)
				  : json_real((double)value);
}

json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	char *ascii;

	if (json)
		return json;
	ascii = strdup(text);
	for (char *p = ascii; p && *p; p++)
		if (*p & 0x80)
			*p = '?';
	json = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return json;
}

uint64_t bytes_per_second(uint64_t bytes, int64_t ns)
{
	if (ns <= 0)
		return 0;
	return (uint64_t)((double)bytes * (double)NS_PER_SEC / (double)ns);
}
