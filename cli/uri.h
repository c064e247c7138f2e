/* SPDX-License-Identifier: MIT */
/*
 * NBD URIs (the NBD project's doc/uri.md) of an address and an export name.
 * Pure. Threads: any.
 */
#ifndef CLI_URI_H
#define CLI_URI_H

/* Malloc'ed; NULL when there is no memory. */
char *nbd_unix_uri(const char *socket_path, const char *export_name);

/* address: "HOST:PORT"; a wildcard host becomes localhost. */
char *nbd_tcp_uri(const char *address, const char *export_name);

#endif
