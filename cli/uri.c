/* SPDX-License-Identifier: MIT */
/*
 * NBD URIs: see uri.h.
 */
#include "cli/uri.h"

#include <ctype.h>
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

static char *unix_uri(const char *path, const char *name)
{
	char *socket = percent_encode(path), *uri = NULL;

	if (socket && asprintf(&uri, "nbd+unix:///%s?socket=%s", name, socket) < 0)
		uri = NULL;
	free(socket);
	return uri;
}

static char *tcp_uri(const char *address, const char *name)
{
	const char *port = strrchr(address, ':');
	int host_len = port ? (int)(port - address) : (int)strlen(address);
	const char *slash = *name ? "/" : "";
	const char *host = address;
	char *uri;

	if (host_len == 0 || strncmp(address, "0.0.0.0:", 8) == 0 ||
	    strncmp(address, "[::]:", 5) == 0) {
		host = "localhost";
		host_len = (int)strlen(host);
	}
	if (asprintf(&uri, "nbd://%.*s%s%s%s", host_len, host, port ? port : "",
		     slash, name) < 0)
		return NULL;
	return uri;
}

char *nbd_uri(const char *address, const char *export_name)
{
	char *name = percent_encode(export_name), *uri = NULL;

	if (name && strncmp(address, "unix:", 5) == 0)
		uri = unix_uri(address + 5, name);
	else if (name)
		uri = tcp_uri(address, name);
	free(name);
	return uri;
}
