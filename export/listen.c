/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets: see listen.h.
 *
 * A unix socket file outlives a killed server. Whether anybody still listens
 * is found out by connecting: refused means stale, and the file is replaced.
 * Two servers that start at once could both find it stale, and the second
 * remove the first's new socket, so probing, binding and listening are done
 * under a flock(2) on the directory, which leaves no lock file behind.
 *
 * Failure modes: each returns -errno with text and leaves nothing open, no
 * file made. Inherited sockets are systemd's protocol, sd_listen_fds(3).
 */
#include "export/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/size.h"

#define FIRST_INHERITED_FD 3
#define DIR_LOCK_TRIES 100
#define DIR_LOCK_PAUSE_NS (10 * NS_PER_MS)
#define FREE_PORT_TRIES 8

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* ---- unix sockets ---- */

/*
 * Lock the directory that path is in; returns an fd to close, or -1: then
 * two servers that start in the same moment are not kept apart, which is no
 * reason not to serve.
 */
static int lock_directory(const char *path)
{
	const struct timespec pause = {.tv_nsec = DIR_LOCK_PAUSE_NS};
	const char *slash = strrchr(path, '/');
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (int i = 0; i < DIR_LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return -1;
}

/* Remove the socket file in the way if nobody listens on it. */
static int remove_stale(const struct sockaddr_un *addr, struct err *err)
{
	const char *path = addr->sun_path;
	struct stat st;
	int fd, ret;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_sys(err, errno, "stat %s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, EADDRINUSE,
			       "listen on unix:%s: a file that is not a socket "
			       "is there",
			       path);
	fd = open_socket(AF_UNIX);
	if (fd < 0)
		return err_sys(err, -fd, "listen on unix:%s: socket", path);
	/* EAGAIN is a listener with a full backlog: alive */
	ret = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	ret = ret < 0 ? -errno : 0;
	close(fd);
	if (ret != -ECONNREFUSED && ret != -ENOENT)
		return err_set(err, EADDRINUSE,
			       "listen on unix:%s: another server is there",
			       path);
	if (ret == -ECONNREFUSED && unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, errno, "remove stale socket %s", path);
	return 0;
}

static int bind_unix(int fd, const struct sockaddr_un *addr, struct err *err)
{
	const struct sockaddr *sa = (const struct sockaddr *)addr;
	int ret;

	if (bind(fd, sa, sizeof(*addr)) == 0)
		return 0;
	if (errno == EADDRINUSE) {
		ret = remove_stale(addr, err);
		if (ret < 0)
			return ret;
		if (bind(fd, sa, sizeof(*addr)) == 0)
			return 0;
	}
	return err_sys(err, errno, "listen on unix:%s: bind", addr->sun_path);
}

static int set_access(const char *path, const struct listener_access *access,
		      struct err *err)
{
	if (lchown(path, access->owner, access->group) < 0)
		return err_sys(err, errno,
			       "listen on unix:%s: giving it to user %d, group "
			       "%d",
			       path, (int)access->owner, (int)access->group);
	if (access->mode != (mode_t)-1 && chmod(path, access->mode) < 0)
		return err_sys(err, errno, "listen on unix:%s: mode 0%o", path,
			       access->mode);
	return 0;
}

static int listen_unix(int fd, const struct sockaddr_un *addr, int backlog,
		       const struct listener_access *access, struct err *err)
{
	int lock = lock_directory(addr->sun_path);
	int ret = bind_unix(fd, addr, err);

	/* bound and not yet listening looks stale: hence inside the lock; and
	 * refuses everybody: hence access before listening */
	if (ret == 0) {
		ret = set_access(addr->sun_path, access, err);
		if (ret == 0 && listen(fd, backlog) < 0)
			ret = err_sys(err, errno, "listen on unix:%s",
				      addr->sun_path);
		if (ret < 0)
			unlink(addr->sun_path);
	}
	if (lock >= 0)
		close(lock);
	return ret;
}

/* Remember what to remove, also when the process has moved elsewhere. */
static int note_path(struct listener *l, const char *path)
{
	char *cwd = NULL;
	struct stat st;
	int ret;

	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
	}
	ret = asprintf(&l->unix_path, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "",
		       path);
	free(cwd);
	if (ret < 0) {
		l->unix_path = NULL;
		return -ENOMEM;
	}
	if (stat(path, &st) < 0)
		return -errno;
	l->unix_dev = st.st_dev;
	l->unix_ino = st.st_ino;
	return 0;
}

int listener_open_unix(const char *path, int backlog,
		       const struct listener_access *access, struct listener *l,
		       struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, ret;

	*l = (struct listener){.nr_fds = 0};
	if (!path[0] || strlen(path) >= sizeof(addr.sun_path))
		return err_set(err, EINVAL,
			       "listen on unix:%s: path of %zu bytes, 1 to %zu "
			       "wanted",
			       path, strlen(path), sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	fd = open_socket(AF_UNIX);
	if (fd < 0)
		return err_sys(err, -fd, "listen on unix:%s: socket", path);
	ret = listen_unix(fd, &addr, backlog, access, err);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	l->fds[l->nr_fds++] = fd;
	ret = note_path(l, path);
	if (ret < 0 || asprintf(&l->uri_text, "unix:%s", path) < 0) {
		l->uri_text = NULL;
		unlink(path);
		listener_close(l);
		return err_sys(err, ret < 0 ? -ret : ENOMEM,
			       "listen on unix:%s", path);
	}
	return 0;
}

/* ---- TCP ---- */

struct tcp_address {
	char host[256]; /* without brackets; "" is any */
	uint16_t port;	/* 0: any free one */
	bool brackets;
};

static int parse_tcp(const char *text, struct tcp_address *a, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	uint64_t port;

	if (!colon || number_parse(colon + 1, UINT16_MAX, &port) < 0)
		goto bad;
	a->port = port;
	a->brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
	if (a->brackets) {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		goto bad;
	}
	if (len >= sizeof(a->host))
		goto bad;
	memcpy(a->host, text, len);
	a->host[len] = '\0';
	return 0;
bad:
	return err_set(err, EINVAL,
		       "listen on \"%s\": wanted unix:PATH, HOST:PORT, :PORT "
		       "or [IPV6]:PORT",
		       text);
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return 0;
	/* the port is at the same place in both families */
	return ntohs(((struct sockaddr_in *)&addr)->sin_port);
}

static int listen_tcp(const struct addrinfo *ai, uint16_t port, int backlog)
{
	struct sockaddr_storage addr;
	const int one = 1;
	int fd = open_socket(ai->ai_family);
	int ret;

	if (fd < 0)
		return fd;
	memcpy(&addr, ai->ai_addr, ai->ai_addrlen);
	((struct sockaddr_in *)&addr)->sin_port = htons(port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, ai->ai_addrlen) < 0 ||
	    listen(fd, backlog) < 0) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

static void close_fds(struct listener *l)
{
	while (l->nr_fds > 0)
		close(l->fds[--l->nr_fds]);
}

/*
 * Listen on all addresses of the list, at the same port. An address family
 * that this machine lacks is left out as long as another one works.
 */
static int listen_all(const struct addrinfo *list, uint16_t port, int backlog,
		      struct listener *l)
{
	int missing = 0;

	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		int fd;

		if (l->nr_fds == LISTENER_MAX_FDS)
			break;
		fd = listen_tcp(ai, port, backlog);
		if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) {
			missing = fd;
			continue;
		}
		if (fd < 0) {
			close_fds(l);
			return fd;
		}
		l->fds[l->nr_fds++] = fd;
		if (port == 0)
			port = bound_port(fd);
	}
	return l->nr_fds > 0 ? 0 : missing;
}

static int open_tcp(const char *text, int backlog, struct listener *l,
		    struct err *err)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE,
				 .ai_socktype = SOCK_STREAM};
	struct tcp_address a;
	struct addrinfo *list;
	const char *host;
	int ret;

	if (parse_tcp(text, &a, err) < 0)
		return -EINVAL;
	host = a.host[0] ? a.host : NULL;
	/* needs no name service: a bare system has no /etc/hosts */
	if (host && strcasecmp(host, "localhost") == 0) {
		host = NULL;
		hints.ai_flags = 0; /* NULL now means loopback */
	}
	ret = getaddrinfo(host, "0", &hints, &list);
	if (ret != 0)
		return err_set(err, EINVAL, "listen on %s: %s", text,
			       gai_strerror(ret));
	/* a port free in one family may be taken in the other: pick again */
	for (int i = 0; i < FREE_PORT_TRIES; i++) {
		ret = listen_all(list, a.port, backlog, l);
		if (ret != -EADDRINUSE || a.port != 0)
			break;
	}
	freeaddrinfo(list);
	if (ret < 0)
		return err_sys(err, -ret, "listen on %s", text);
	if (asprintf(&l->uri_text, a.brackets ? "[%s]:%u" : "%s:%u", a.host,
		     bound_port(l->fds[0])) < 0) {
		l->uri_text = NULL;
		listener_close(l);
		return err_sys(err, ENOMEM, "listen on %s", text);
	}
	return 0;
}

int listener_open(const char *address, int backlog, struct listener *l,
		  struct err *err)
{
	const struct listener_access usual = {-1, -1, -1};

	*l = (struct listener){.nr_fds = 0};
	if (strncmp(address, "unix:", 5) == 0)
		return listener_open_unix(address + 5, backlog, &usual, l, err);
	return open_tcp(address, backlog, l, err);
}

/* ---- inherited ---- */

/* A listening stream socket? Then make it as we want it. */
static int adopt(int fd, struct err *err)
{
	int type = 0, listening = 0, flags;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return err_sys(err, errno, "inherited fd %d", fd);
	len = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len);
	if (type != SOCK_STREAM || !listening)
		return err_set(err, EINVAL,
			       "inherited fd %d: not a listening stream socket",
			       fd);
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(err, errno, "inherited fd %d: fcntl", fd);
	return 0;
}

static int inherit_fds(const char *pid_text, const char *fds_text,
		       struct listener *l, struct err *err)
{
	uint64_t pid, nr;
	int ret;

	if (number_parse(pid_text, INT32_MAX, &pid) < 0)
		return err_set(err, EINVAL,
			       "LISTEN_PID: \"%s\" is no process id", pid_text);
	if (pid != (uint64_t)getpid())
		return 0;
	if (number_parse(fds_text, LISTENER_MAX_FDS, &nr) < 0)
		return err_set(err, EINVAL,
			       "LISTEN_FDS: \"%s\" is not a number up to %d",
			       fds_text, LISTENER_MAX_FDS);
	for (int i = 0; i < (int)nr; i++) {
		ret = adopt(FIRST_INHERITED_FD + i, err);
		if (ret < 0)
			return ret;
		l->fds[i] = FIRST_INHERITED_FD + i;
	}
	l->nr_fds = nr;
	return 0;
}

int listener_inherit(struct listener *l, struct err *err)
{
	const char *pid_text = getenv("LISTEN_PID");
	const char *fds_text = getenv("LISTEN_FDS");
	int ret = 0;

	*l = (struct listener){.nr_fds = 0};
	if (pid_text && fds_text)
		ret = inherit_fds(pid_text, fds_text, l, err);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (ret < 0 || l->nr_fds == 0)
		return ret;
	l->uri_text = strdup("inherited socket");
	return l->uri_text ? 0 : err_sys(err, ENOMEM, "inherited socket");
}

int listener_adopt(int fd, struct listener *others, struct listener *l,
		   struct err *err)
{
	int ret = adopt(fd, err);

	*l = (struct listener){.nr_fds = 0};
	if (ret < 0)
		return ret;
	l->fds[l->nr_fds++] = fd;
	for (int i = 0; i < others->nr_fds; i++)
		if (others->fds[i] == fd)
			others->fds[i] = others->fds[--others->nr_fds];
	return 0;
}

void listener_close(struct listener *l)
{
	struct stat st;

	/* first the file: while we listen nobody takes its place */
	if (l->unix_path && lstat(l->unix_path, &st) == 0 &&
	    st.st_dev == l->unix_dev && st.st_ino == l->unix_ino)
		unlink(l->unix_path);
	close_fds(l);
	free(l->unix_path);
	free(l->uri_text);
	*l = (struct listener){.nr_fds = 0};
}
