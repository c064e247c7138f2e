/* SPDX-License-Identifier: MIT */
/*
 * NBD URIs (the NBD project's doc/uri.md) of an address and an export name.
 * Pure. Threads: any.
 */
#ifndef CLI_URI_H
#define CLI_URI_H

/*
 * address: "unix:PATH" or "HOST:PORT" as a struct listener tells it; a
 * wildcard host becomes localhost. Malloc'ed; NULL when there is no memory.
 */
char *nbd_uri(const char *address, const char *export_name);

#endif
