/* SPDX-License-Identifier: MIT */
/* TCP addresses: forms, free ports, both families, what is taken or bad. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/listen.h"
#include "tests/check.h"

static struct err err;

static int port_of(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	check(getsockname(fd, (struct sockaddr *)&addr, &len) == 0);
	return ntohs(((struct sockaddr_in *)&addr)->sin_port);
}

static void free_port(const char *address, const char *host)
{
	struct listener l, second;
	char want[100];

	check_int(listener_open(address, 16, &l, &err), 0);
	check(l.nr_fds >= 1);
	check(port_of(l.fds[0]) > 0);
	for (int i = 1; i < l.nr_fds; i++)
		check_int(port_of(l.fds[i]), port_of(l.fds[0]));
	snprintf(want, sizeof(want), "%s:%d", host, port_of(l.fds[0]));
	check_str(l.uri_text, want);
	check(!l.unix_path);
	check_int(listener_open(want, 16, &second, &err), -EADDRINUSE);
	check_contains(err.text, want);
	listener_close(&l);
	check_int(listener_open(want, 16, &l, &err), 0);
	listener_close(&l);
}

int main(void)
{
	static const char *const bad[] = {
		"", "localhost", "localhost:", "localhost:x", "localhost:65536",
		":-1", "::1:80", "[::1]", "[::1]x:80", "127.0.0.1:1:2",
		"/run/socket", "no.such.host.invalid:1",
	};
	struct listener l;
	int v6 = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 addr = {.sin6_family = AF_INET6,
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT};

	free_port("127.0.0.1:0", "127.0.0.1");
	free_port("localhost:0", "localhost");
	free_port(":0", "");
	/* a machine may lack IPv6 */
	if (v6 >= 0 && bind(v6, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		free_port("[::1]:0", "[::1]");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		check_int(listener_open(bad[i], 16, &l, &err), -EINVAL);
		check_contains(err.text, bad[i]);
	}
	return 0;
}
