/* SPDX-License-Identifier: MIT */
/*
 * hello-read FILE - write the first 4 KiB of a file or block device to
 * standard output: one request on one queue, waited for.
 *
 *	cc -o hello-read hello-read.c $(pkg-config --cflags --libs blkio)
 *
 * Every step of an instance's life is here; copy-depth.c keeps many requests
 * in flight, event-loop.c waits for them together with other events.
 */
#include <blkio.h>
#include <stdio.h>
#include <string.h>

#define LEN 4096

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, blkio_get_error_msg());
	return -1;
}

/* Returns how many bytes are in buf, or -1. */
static int read_start(struct blkio *b, void *buf)
{
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion done;
	uint64_t capacity;
	int len;

	if (blkio_get_uint64(b, "capacity", &capacity) < 0)
		return fail("capacity");
	len = capacity < LEN ? (int)capacity : LEN;
	blkioq_read(q, 0, buf, len, NULL, 0);
	if (blkioq_do_io(q, &done, 1, 1, NULL) < 0)
		return fail("blkioq_do_io");
	if (done.ret == 0)
		return len;
	fprintf(stderr, "read: %s\n",
		done.error_msg ? done.error_msg : strerror(-done.ret));
	return -1;
}

static int hello(struct blkio *b, const char *path)
{
	struct blkio_mem_region region;
	int len;

	if (blkio_set_str(b, "path", path) < 0 ||
	    blkio_set_bool(b, "read-only", true) < 0 || blkio_connect(b) < 0 ||
	    blkio_start(b) < 0)
		return fail(path);
	/* some drivers reach no other memory */
	if (blkio_alloc_mem_region(b, &region, LEN) < 0 ||
	    blkio_map_mem_region(b, &region) < 0)
		return fail("memory");
	len = read_start(b, region.addr);
	if (len < 0)
		return -1;
	fwrite(region.addr, 1, len, stdout);
	return fflush(stdout) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct blkio *b;
	int ret;

	if (argc != 2) {
		fprintf(stderr, "usage: hello-read FILE\n");
		return 2;
	}
	if (blkio_create("io_uring", &b) < 0)
		return fail("io_uring") < 0;
	ret = hello(b, argv[1]);
	blkio_destroy(&b); /* frees the memory, too */
	return ret < 0;
}
