/* SPDX-License-Identifier: MIT */
/*
 * NBD URIs: what has a meaning in a URI is escaped in names and paths, and a
 * wildcard address becomes one that a client can use.
 */
#include "cli/uri.h"
#include "tests/check.h"

static void check_uri(char *uri, const char *want)
{
	check(uri);
	check_str(uri, want);
	free(uri);
}

int main(void)
{
	check_uri(nbd_unix_uri("/run/s", ""), "nbd+unix:///?socket=/run/s");
	check_uri(nbd_unix_uri("/run/a b&c", "x?y"),
		  "nbd+unix:///x%3Fy?socket=/run/a%20b%26c");
	check_uri(nbd_unix_uri("/\xc3\xa9", "100%"),
		  "nbd+unix:///100%25?socket=/%C3%A9");
	check_uri(nbd_tcp_uri("localhost:10809", ""), "nbd://localhost:10809");
	check_uri(nbd_tcp_uri("localhost:10809", "disk"),
		  "nbd://localhost:10809/disk");
	check_uri(nbd_tcp_uri(":10809", ""), "nbd://localhost:10809");
	check_uri(nbd_tcp_uri("0.0.0.0:1", "a"), "nbd://localhost:1/a");
	check_uri(nbd_tcp_uri("[::]:1", "a"), "nbd://localhost:1/a");
	check_uri(nbd_tcp_uri("[::1]:1", "a"), "nbd://[::1]:1/a");
	return 0;
}
