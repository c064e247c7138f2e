/* SPDX-License-Identifier: MIT */
/*
 * copy-depth FROM TO - copy a file or block device over another that exists,
 * with up to DEPTH requests in flight. A slot's buffer is read into, written
 * from, and read into again; all lie in a memory region that both disks map.
 *
 *	cc -o copy-depth copy-depth.c $(pkg-config --cflags --libs blkio)
 */
#include <blkio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 16
#define CHUNK (256 * 1024)

struct slot {
	char *buf;	/* of CHUNK bytes */
	uint64_t start; /* where they are on both disks */
	size_t len;
};

struct copy {
	struct blkioq *from, *to;
	uint64_t size, next;	 /* bytes: of all, and read so far */
	int nr_reads, nr_writes; /* in flight */
};

static void check(int ret, const char *what, const char *why)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "copy-depth: %s: %s\n", what,
		why ? why : blkio_get_error_msg());
	exit(1);
}

static void check_done(const struct blkio_completion *done, const char *what)
{
	check(done->ret, what,
	      done->error_msg ? done->error_msg : strerror(-done->ret));
}

static void start_read(struct copy *c, struct slot *s)
{
	uint64_t left = c->size - c->next;

	if (left == 0)
		return;
	s->start = c->next;
	s->len = left < CHUNK ? left : CHUNK;
	c->next += s->len;
	c->nr_reads++;
	blkioq_read(c->from, s->start, s->buf, s->len, s, 0);
}

static void start_write(struct copy *c, struct slot *s)
{
	c->nr_writes++;
	blkioq_write(c->to, s->start, s->buf, s->len, s, 0);
}

/* Hand over what was started on the queue, take at least min completions. */
static void step(struct copy *c, bool writes, int min)
{
	struct blkio_completion done[DEPTH];
	int n = blkioq_do_io(writes ? c->to : c->from, done, min, DEPTH, NULL);

	check(n, "blkioq_do_io", NULL);
	*(writes ? &c->nr_writes : &c->nr_reads) -= n;
	for (int i = 0; i < n; i++) {
		check_done(&done[i], writes ? "write" : "read");
		(writes ? start_read : start_write)(c, done[i].user_data);
	}
}

static struct blkio *open_disk(const char *path, bool read_only)
{
	struct blkio *b;

	check(blkio_create("io_uring", &b), "io_uring", NULL);
	check(blkio_set_str(b, "path", path), path, NULL);
	check(blkio_set_bool(b, "read-only", read_only), path, NULL);
	check(blkio_connect(b), path, NULL);
	check(blkio_start(b), path, NULL);
	return b;
}

int main(int argc, char **argv)
{
	struct slot slots[DEPTH];
	struct copy c = {0};
	struct blkio *from, *to;
	struct blkio_mem_region r;
	struct blkio_completion done;

	check(argc == 3 ? 0 : -1, "usage", "copy-depth FROM TO");
	from = open_disk(argv[1], true);
	to = open_disk(argv[2], false);
	c.from = blkio_get_queue(from, 0);
	c.to = blkio_get_queue(to, 0);
	check(blkio_get_uint64(from, "capacity", &c.size), argv[1], NULL);
	check(blkio_alloc_mem_region(from, &r, DEPTH * CHUNK), "memory", NULL);
	check(blkio_map_mem_region(from, &r), "memory", NULL);
	check(blkio_map_mem_region(to, &r), "memory", NULL);
	for (int i = 0; i < DEPTH; i++) {
		slots[i].buf = (char *)r.addr + i * CHUNK;
		start_read(&c, &slots[i]);
	}
	while (c.nr_reads + c.nr_writes > 0) {
		step(&c, false, c.nr_reads > 0); /* writes go on meanwhile */
		step(&c, true, c.nr_reads == 0 && c.nr_writes > 0);
	}
	blkioq_flush(c.to, NULL, 0);
	check(blkioq_do_io(c.to, &done, 1, 1, NULL), "flush", NULL);
	check_done(&done, "flush");
	blkio_destroy(&to); /* first, for it uses the other's memory */
	blkio_destroy(&from);
	return 0;
}
