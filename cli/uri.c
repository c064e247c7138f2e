/* SPDX-License-Identifier: MIT */
/*
 * NBD URIs: see uri.h.
 */
#include "cli/uri.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* text with all but letters, digits and "-._~/" as %XX; malloc'ed */
static char *percent_encode(const char *text)
{
	char *encoded = malloc(3 * strlen(text) + 1), *p = encoded;

	if (!encoded)
		return NULL;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~/", c))
			*p++ = (char)c;
		else
			p += sprintf(p, "%%%02X", c);
	}
	*p = '\0';
	return encoded;
}

char *nbd_unix_uri(const char *socket_path, const char *export_name)
{
	char *path = percent_encode(socket_path);
	char *name = percent_encode(export_name), *uri;

	if (!path || !name ||
	    asprintf(&uri, "nbd+unix:///%s?socket=%s", name, path) < 0)
		uri = NULL;
	free(name);
	free(path);
	return uri;
}

static bool is_wildcard(const char *address)
{
	return address[0] == ':' || strncmp(address, "0.0.0.0:", 8) == 0 ||
	       strncmp(address, "[::]:", 5) == 0;
}

char *nbd_tcp_uri(const char *address, const char *export_name)
{
	const char *port = strrchr(address, ':');
	char *name = percent_encode(export_name), *uri;
	bool wildcard = port && is_wildcard(address);

	if (!name ||
	    asprintf(&uri, "nbd://%s%s%s%s", wildcard ? "localhost" : "",
		     wildcard ? port : address, *name ? "/" : "", name) < 0)
		uri = NULL;
	free(name);
	return uri;
}
