/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the whole NBD server, from the greeting to the disk. The
 * input is what one client sends; its first byte says how: bit 0 closes the
 * connection at once instead of hearing all answers, the others are the size
 * of the pieces that it comes in. Disks are small ones in memory, one of
 * which fails every other request.
 *
 * Each input has to end with the client gone and nothing in flight.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block/options.h"
#include "export/nbd/nbd_int.h"
#include "fuzz/fuzz.h"

static struct nbd_server *server;
static struct loop *loop;

static void add_export(const char *name, const char *disk, bool read_only)
{
	struct nbd_export_config config = {
		.name = name,
		.description = "a disk",
		.read_only = read_only,
		.is_default = !*name,
	};
	struct err err = ERR_INIT;
	struct options *opts;

	FUZZ_CHECK(options_parse(disk, &opts, &err) == 0);
	FUZZ_CHECK(node_open(opts, &loop, 1, &config.node, &err) == 0);
	options_free(opts);
	FUZZ_CHECK(nbd_server_add_export(server, &config, &err) == 0);
}

static void start(void)
{
	struct nbd_server_config config = {.loops = &loop, .nr_loops = 1};
	struct err err = ERR_INIT;

	FUZZ_CHECK(loop_create(&loop, &err) == 0);
	loop_set_poll_max_ns(loop, 0);
	FUZZ_CHECK(nbd_server_create(&config, &server, &err) == 0);
	add_export("", "driver=ram,size=256K", false);
	add_export("ro", "driver=ram,size=64K", true);
	add_export("odd", "driver=ram,size=65024,request-alignment=512", false);
	add_export("bad", "driver=ram,size=64K,error-op=any,error-errno=28",
		   false);
}

/* Take what the server says, at most so much: it may be a lot. */
static void hear(int fd)
{
	static uint8_t buf[256 << 10];

	while (read(fd, buf, sizeof(buf)) == sizeof(buf))
		;
}

static void say(int fd, const uint8_t *data, size_t size, size_t piece)
{
	while (size > 0) {
		ssize_t n = send(fd, data, MIN(size, piece), MSG_NOSIGNAL);

		if (n > 0) {
			data += n;
			size -= n;
		} else if (errno != EAGAIN) {
			return; /* it has closed */
		}
		loop_run_once(loop, false);
		hear(fd);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	int fds[2];

	if (size-- == 0)
		return 0;
	if (!server)
		start();
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) ==
		   0);
	nbd_server_adopt(server, fds[0]);
	say(fds[1], input + 1, size, input[0] >> 1 ? input[0] >> 1 : size);
	if (input[0] & 1)
		close(fds[1]);
	else
		shutdown(fds[1], SHUT_WR);
	while (nbd_server_nr_clients(server) > 0) {
		loop_run_once(loop, false);
		if (!(input[0] & 1))
			hear(fds[1]);
	}
	if (!(input[0] & 1))
		close(fds[1]);
	FUZZ_CHECK(server->workers[0].payload_bytes == 0);
	return 0;
}
