/* SPDX-License-Identifier: MIT */
/* Whichever allocation fails, the server reports or drops, and serves on. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block/options.h"
#include "export/nbd/nbd_int.h"
#include "tests/check.h"

/* Allocations until the one that fails; negative: none does. */
static int countdown = -1;
static bool failed;

static bool fails(void)
{
	bool now = countdown == 0;

	if (countdown >= 0)
		countdown--;
	failed |= now;
	return now;
}

/* the linker's --wrap puts these in front of the allocator's */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
char *__real_strdup(const char *s);
int __real_posix_memalign(void **p, size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
char *__wrap_strdup(const char *s);
int __wrap_posix_memalign(void **p, size_t align, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
	return fails() ? ENOMEM : __real_posix_memalign(p, align, size);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	if (!fails())
		return __real_mmap(addr, len, prot, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

#define HEADER "\x25\x60\x95\x13\0\0"

/* What the client sends: flags, GO, then one request of each kind. */
static const char script[] = "\0\0\0\3"
			     "IHAVEOPT\0\0\0\7\0\0\0\6\0\0\0\0\0\0"
			     HEADER "\0\1" "cookie 1" "\0\0\0\0\0\0\0\1"
			     "\0\0\0\5" "write"
			     HEADER "\0\3" "cookie 2" "\0\0\0\0\0\0\0\0"
			     "\0\0\0\0"
			     HEADER "\0\6" "cookie 3" "\0\0\0\0\0\0\3\1"
			     "\0\0\x20\5"
			     HEADER "\0\5" "cookie 4" "\0\0\0\0\0\0\0\0"
			     "\0\0\x20\0"
			     HEADER "\0\4" "cookie 5" "\0\0\0\0\0\0\x40\0"
			     "\0\0\x10\0"
			     HEADER "\0\0" "cookie 6" "\0\0\0\0\0\0\0\0"
			     "\0\0\x10\0"
			     HEADER "\0\2" "cookie 7" "\0\0\0\0\0\0\0\0"
			     "\0\0\0";

static struct loop *loop;
static struct node *node;

static bool is_alone(void *opaque)
{
	return nbd_server_nr_clients(opaque) == 0;
}

/* Run the script; returns the bytes that came back. */
static size_t run_client(struct nbd_server *server)
{
	char buf[16384];
	size_t got = 0;
	ssize_t n;
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	check_int(write(fds[1], script, sizeof(script)), sizeof(script));
	nbd_server_adopt(server, fds[0]);
	loop_run_until(loop, is_alone, server);
	while ((n = read(fds[1], buf + got, sizeof(buf) - got)) > 0)
		got += n;
	close(fds[1]);
	return got;
}

static int make_server(struct nbd_server **server, int fd)
{
	struct nbd_server_config config = {.loops = &loop, .nr_loops = 1};
	struct nbd_export_config export = {
		.name = "disk", .description = "d", .node = node,
		.is_default = true};
	struct err err = ERR_INIT;
	int ret = nbd_server_create(&config, server, &err);

	if (ret < 0) {
		check(err.text[0]);
		return ret;
	}
	ret = nbd_server_add_export(*server, &export, &err);
	if (ret == 0)
		ret = nbd_server_listen(*server, fd, &err);
	if (ret < 0) {
		check(err.text[0]);
		nbd_server_shutdown(*server, 0);
		nbd_server_free(*server);
	}
	return ret;
}

int main(void)
{
	struct nbd_server *server;
	struct err err = ERR_INIT;
	struct options *opts;
	size_t all;
	int fds[2];

	check_int(loop_create(&loop, &err), 0);
	check_int(options_parse("driver=ram,size=1M,request-alignment=512",
				&opts, &err),
		  0);
	check_int(node_open(opts, &loop, 1, &node, &err), 0);
	options_free(opts);
	check_int(pipe(fds), 0);

	for (int n = 0;; n++) {
		int ret;

		failed = false;
		countdown = n;
		ret = make_server(&server, fds[0]);
		countdown = -1;
		if (!failed) {
			check_int(ret, 0);
			check(n >= 6); /* server, workers, 4 of the export */
			break;
		}
		/* the loop's own memory for a timer may do without */
		check(ret == -ENOMEM || ret == 0);
		if (ret == 0) {
			nbd_server_shutdown(server, 0);
			nbd_server_free(server);
		}
	}

	for (int n = 0;; n++) {
		size_t got;

		/* nothing kept from the round before */
		nbd_server_shutdown(server, 1000);
		nbd_server_free(server);
		check_int(make_server(&server, fds[0]), 0);
		failed = false;
		countdown = n;
		got = run_client(server);
		countdown = -1;
		all = run_client(server);
		check(got <= all);
		if (!failed) {
			check_int(got, all);
			check(n >= 4); /* client, input, jobs, a buffer */
			break;
		}
	}
	/* greeting, info, ack, six replies and what was read */
	check_int(all, 18 + 32 + 20 + 6 * 16 + 4096);

	nbd_server_shutdown(server, 1000);
	nbd_server_free(server);
	check_int(node_close(node, &err), 0);
	close(fds[0]);
	close(fds[1]);
	loop_destroy(loop);
	return 0;
}
