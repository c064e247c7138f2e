/* SPDX-License-Identifier: MIT */
/*
 * With fixed-buffers, reads and writes in mapped memory go through registered
 * buffers, all others don't, and all arrive; memory that is unmapped is let
 * go of, and what is mapped in its place is used instead. Argument: the
 * property single-issuer.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include <sys/mman.h>

#define REGION_BYTES (8 * MIB)
#define OP_READV_FIXED 60
#define OP_WRITEV_FIXED 61

static unsigned fixed, others;
static bool single;

static void count_sqe(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_READ_FIXED ||
	    sqe->opcode == IORING_OP_WRITE_FIXED ||
	    sqe->opcode == OP_READV_FIXED || sqe->opcode == OP_WRITEV_FIXED)
		fixed++;
	else
		others++;
}

/* How many fixed and other ones since the last call. */
static void check_sqes(unsigned want_fixed, unsigned want_others)
{
	check_int(fixed, want_fixed);
	check_int(others, want_others);
	fixed = others = 0;
}

/* Kilobytes that the kernel has pinned for this process. */
static long pinned_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	check(status);
	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmPin: %ld", &kib);
	fclose(status);
	check(kib >= 0);
	return kib;
}

static void apply(struct blkioq *q)
{
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
}

static void transfers(struct blkioq *q, char *buf, size_t len, bool is_fixed)
{
	fill_pattern(buf, 4096, len);
	check_int(do_write(q, 4096, buf, len, BLKIO_REQ_FUA), 0);
	memset(buf, 0, len);
	check_int(do_read(q, 4096, buf, len), 0);
	check(has_pattern(buf, 4096, len));
	check_sqes(is_fixed ? 2 : 0, is_fixed ? 0 : 2);
}

static bool kernel_has_vectors(void)
{
	struct io_uring_probe *probe = io_uring_get_probe();
	bool has = io_uring_opcode_supported(probe, OP_WRITEV_FIXED);

	io_uring_free_probe(probe);
	return has;
}

static void vectors(struct blkioq *q, char *buf)
{
	char *elsewhere = buffer(4096);
	struct iovec in[3] = { { buf, 512 }, { buf + MIB, 1024 },
			       { buf + 4096, 512 } };
	struct iovec mixed[2] = { { buf, 512 }, { elsewhere, 512 } };
	unsigned n = kernel_has_vectors();

	fill_pattern(buf, 4096, 512);
	fill_pattern(buf + MIB, 4096 + 512, 1024);
	fill_pattern(buf + 4096, 4096 + 1536, 512);
	blkioq_writev(q, 4096, in, 3, NULL, 0);
	check_int(next_ret(q), 0);
	check_sqes(n, !n);
	memset(buf, 0, 2 * MIB);
	blkioq_readv(q, 4096, in, 3, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(buf, 4096, 512));
	check(has_pattern(buf + MIB, 4096 + 512, 1024));
	check(has_pattern(buf + 4096, 4096 + 1536, 512));
	check_sqes(n, !n);
	blkioq_readv(q, 4096, mixed, 2, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(elsewhere, 4096 + 512, 512));
	check_sqes(0, 1);
	/* a vector of one */
	blkioq_readv(q, 4096, in, 1, NULL, 0);
	check_int(next_ret(q), 0);
	check_sqes(1, 0);
	free(elsewhere);
}

static struct blkio_mem_region map_at(struct blkio *b, void *addr, size_t len)
{
	struct blkio_mem_region r = { .len = len, .fd = -1 };

	r.addr = mmap(addr, len, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			      (addr ? MAP_FIXED : 0),
		      -1, 0);
	check(r.addr != MAP_FAILED);
	check_ok(blkio_map_mem_region(b, &r));
	return r;
}

/* Other memory at the same address is other memory to the kernel, too. */
static void remapped(struct blkio *b, struct blkioq *q)
{
	long before = pinned_kib();
	struct blkio_mem_region r = map_at(b, NULL, REGION_BYTES);
	bool at_once = !single;

	/* not before the queue knows */
	blkioq_read(q, 0, r.addr, 512, NULL, 0);
	check_int(next_ret(q), 0);
	check_sqes(0, 1);
	check_int(pinned_kib() - before, REGION_BYTES / KIB);
	transfers(q, r.addr, MIB, true);

	blkio_unmap_mem_region(b, &r);
	check_int(pinned_kib() - before, at_once ? 0 : REGION_BYTES / KIB);
	blkioq_read(q, 4096, r.addr, 512, NULL, 0);
	munmap(r.addr, r.len);
	r = map_at(b, r.addr, REGION_BYTES);
	blkioq_read(q, 4096, r.addr, 512, NULL, 0);
	check_int(next_ret(q), 0);
	check_int(next_ret(q), 0);
	check_sqes(0, 2);
	check(has_pattern(r.addr, 4096, 512));
	transfers(q, r.addr, MIB, true);
	check_int(pinned_kib() - before, REGION_BYTES / KIB);
	blkio_unmap_mem_region(b, &r);
	transfers(q, r.addr, MIB, false);
	check_int(pinned_kib() - before, 0);
	munmap(r.addr, r.len);
}

/* Memory of a file of the file system is refused, and used all the same. */
static void refused(struct blkio *b, struct blkioq *q)
{
	struct blkio_mem_region r = { .len = MIB };

	r.fd = open(temp_file(MIB), O_RDWR);
	r.addr = mmap(NULL, r.len, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0);
	check(r.addr != MAP_FAILED);
	check_ok(blkio_map_mem_region(b, &r));
	apply(q);
	transfers(q, r.addr, 65536, false);
	blkio_unmap_mem_region(b, &r);
	munmap(r.addr, r.len);
	close(r.fd);
}

/* More than a slot's worth; in the middle a request spans two. */
static void large(struct blkio *b, struct blkioq *q)
{
	size_t gib = 1ull << 30;
	long before = pinned_kib();
	struct blkio_mem_region r = map_at(b, NULL, gib + 64 * KIB);
	char *buf = r.addr;

	apply(q);
	check_int(pinned_kib() - before, (gib + 64 * KIB) / KIB);
	transfers(q, buf + gib - 4096, 4096, true);
	transfers(q, buf + gib, 65536, true);
	transfers(q, buf + gib - 4096, 8192, false);
	blkio_unmap_mem_region(b, &r);
	apply(q);
	check_int(pinned_kib() - before, 0);
	munmap(r.addr, r.len);
}

int main(int argc, char **argv)
{
	struct blkio_mem_region r, small[3];
	struct blkio *b;
	struct blkioq *q;
	char setting[64];
	bool pins;

	single = strcmp(argv[1], "true") == 0;
	snprintf(setting, sizeof(setting), "single-issuer=%s", argv[1]);
	b = open_disk(temp_file(4 * MIB), "fixed-buffers=true", setting, NULL);
	q = queue_of(b);
	check_ok(blkio_get_bool(b, "may-pin-mem-regions", &pins));
	check(pins);
	check_ok(blkio_alloc_mem_region(b, &r, REGION_BYTES));
	check_ok(blkio_map_mem_region(b, &r));
	apply(q);
	hook.sqe = count_sqe;

	transfers(q, r.addr, MIB, true);
	transfers(q, (char *)r.addr + REGION_BYTES - 512, 512, true);
	vectors(q, r.addr);
	remapped(b, q);
	refused(b, q);
	large(b, q);

	/* a queue made later, and regions that come and go around others */
	for (int i = 0; i < 3; i++)
		small[i] = map_at(b, NULL, 64 * KIB);
	blkio_unmap_mem_region(b, &small[1]);
	check_int(blkio_add_queue(b), 1);
	q = blkio_get_queue(b, 1);
	apply(q);
	transfers(q, r.addr, MIB, true);
	transfers(q, small[2].addr, 4096, true);
	transfers(q, small[1].addr, 4096, false);
	blkio_free_mem_region(b, &r);
	blkio_destroy(&b);

	b = open_disk(temp_file(MIB), NULL);
	check_ok(blkio_get_bool(b, "may-pin-mem-regions", &pins));
	check(!pins);
	blkio_destroy(&b);
	for (int i = 0; i < 3; i++)
		munmap(small[i].addr, small[i].len);
	return 0;
}
