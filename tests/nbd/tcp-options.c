/* SPDX-License-Identifier: MIT */
/* A TCP client's socket sends small replies at once and finds dead peers. */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "export/listen.h"
#include "tests/nbd/rig.h"

static int option(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	check_int(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

int main(void)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	struct err err = ERR_INIT;
	struct listener l;
	struct rig rig;
	int client, fd;

	rig_open(&rig, "driver=null,size=1M");
	check_int(rig_start(&rig), 0);
	check_int(listener_open("127.0.0.1:0", 1, &l, &err), 0);
	check_int(getsockname(l.fds[0], (struct sockaddr *)&addr, &len), 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	check_int(connect(client, (struct sockaddr *)&addr, len), 0);
	fd = accept4(l.fds[0], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	check(fd >= 0);

	nbd_server_adopt(rig.server, fd);
	check(option(fd, IPPROTO_TCP, TCP_NODELAY));
	check(option(fd, SOL_SOCKET, SO_KEEPALIVE));

	close(client);
	loop_run_until(rig.loop, rig_is_alone, rig.server);
	listener_close(&l);
	rig_stop(&rig);
	rig_close(&rig);
	return 0;
}
