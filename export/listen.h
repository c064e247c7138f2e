/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets for exports: unix and TCP addresses, sockets handed in
 * by a parent (systemd socket activation).
 *
 * Threads: any; no state beyond struct listener.
 */
#ifndef EXPORT_LISTEN_H
#define EXPORT_LISTEN_H

#include <sys/types.h>

#include "util/err.h"

#define LISTENER_MAX_FDS 16

struct listener {
	int fds[LISTENER_MAX_FDS]; /* listening, non-blocking, close-on-exec */
	int nr_fds;
	char *unix_path; /* absolute; to unlink at close, or NULL */
	dev_t unix_dev;	 /* the socket file that we made: one that took */
	ino_t unix_ino;	 /* its place is left alone */
	char *uri_text;	 /* "unix:/path" or "HOST:PORT", for messages */
};

/*
 * Listen on address: "unix:PATH", "HOST:PORT", "[IPV6]:PORT", ":PORT" (any).
 * A socket file that nobody listens on is replaced; a live one, or a file
 * that is not a socket, is not. Port 0 picks a free one; uri_text tells it.
 *   -EINVAL       not an address
 *   -EADDRINUSE   somebody listens there; or PATH is not a socket
 *   other         from getaddrinfo(3) (as -EINVAL), socket, bind, listen
 */
int listener_open(const char *address, int backlog, struct listener *l,
		  struct err *err);

/* Who may connect to a unix socket: what its file will be like. */
struct listener_access {
	mode_t mode; /* permissions; (mode_t)-1: what the umask leaves */
	uid_t owner; /* (uid_t)-1: ours */
	gid_t group; /* (gid_t)-1: ours */
};

/*
 * The same for the unix socket path. Nobody can connect before the file is as
 * asked for. Also -EPERM: that owner or group may not be given to it.
 */
int listener_open_unix(const char *path, int backlog,
		       const struct listener_access *access, struct listener *l,
		       struct err *err);

/*
 * Take the sockets of LISTEN_FDS / LISTEN_PID (sd_listen_fds(3)); the
 * variables are unset. nr_fds is 0 when there are none.
 *   -EINVAL   malformed variables, too many fds, not listening sockets
 */
int listener_inherit(struct listener *l, struct err *err);

/*
 * Take one listening stream socket that a parent has handed in; if it is one
 * of those in others, they lose it. -EINVAL, -EBADF: it isn't one.
 */
int listener_adopt(int fd, struct listener *others, struct listener *l,
		   struct err *err);

/* Close; remove the socket file that listener_open() made. */
void listener_close(struct listener *l);

#endif
