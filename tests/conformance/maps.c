/* SPDX-License-Identifier: MIT */
/*
 * Mapping memory for requests: what is no region, what overlaps one, how
 * many there may be, and buffers outside of all where regions are needed.
 */
#include <sys/mman.h>

#include "tests/conformance/conformance.h"

#define PIECE 65536 /* a multiple of any mem-region-alignment we meet */
#define NR_PIECES 16

/* One allocation, of which pieces can be mapped. */
struct memory {
	struct blkio_mem_region whole;
};

static struct memory memory_create(struct dev *d)
{
	struct memory m;

	check_ok(blkio_alloc_mem_region(d->b, &m.whole, NR_PIECES * PIECE));
	return m;
}

static struct blkio_mem_region piece(const struct memory *m, size_t first,
				     size_t nr)
{
	struct blkio_mem_region r = m->whole;

	r.addr = (char *)r.addr + first * PIECE;
	r.len = nr * PIECE;
	r.fd_offset = (int64_t)(first * PIECE);
	return r;
}

static int map(struct dev *d, struct blkio_mem_region r)
{
	return blkio_map_mem_region(d->b, &r);
}

static void unmap(struct dev *d, struct blkio_mem_region r)
{
	blkio_unmap_mem_region(d->b, &r);
}

static uint64_t alignment(struct dev *d)
{
	return get_u64(d->b, "mem-region-alignment");
}

static void case_map(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	for (int i = 0; i < 3; i++) {
		check_ok(map(&d, m.whole));
		unmap(&d, m.whole);
	}
	dev_close(&d);
}

/* Memory that the library does not know, with no fd. */
static void case_own_memory(const struct target *t, const void *arg)
{
	static char memory[PIECE] __attribute__((aligned(PIECE)));
	struct blkio_mem_region r = {
		.addr = memory,
		.len = sizeof(memory),
		.fd = -1,
	};
	struct dev d = dev_start(t);

	if (get_bool(d.b, "needs-mem-region-fd")) {
		check_refused(map(&d, r), EINVAL);
	} else {
		check_ok(map(&d, r));
		check_int(request(d.q, READ, 0, memory, 4096, 0), 0);
		unmap(&d, r);
	}
	dev_close(&d);
}

static void case_twice(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_ok(map(&d, m.whole));
	check_refused(map(&d, m.whole), EINVAL);
	unmap(&d, m.whole);
	check_ok(map(&d, m.whole));
	dev_close(&d);
}

static void case_neighbours(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_ok(map(&d, piece(&m, 4, 2)));
	check_ok(map(&d, piece(&m, 0, 4)));
	check_ok(map(&d, piece(&m, 6, 1)));
	dev_close(&d);
}

/* Begins in, ends in, within, around, at the same place. */
static void case_overlap(const struct target *t, const void *arg)
{
	static const size_t overlaps[][2] = {
		{5, 2}, {3, 2}, {4, 1}, {5, 1}, {3, 4}, {4, 3}, {0, 16},
	};
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_ok(map(&d, piece(&m, 4, 2)));
	for (size_t i = 0; i < ARRAY_SIZE(overlaps); i++)
		check_refused(
			map(&d, piece(&m, overlaps[i][0], overlaps[i][1])),
			EINVAL);
	unmap(&d, piece(&m, 4, 2));
	check_ok(map(&d, m.whole));
	dev_close(&d);
}

/* ---- shapes ---- */

static void case_misaligned(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 2);
	uint64_t align = alignment(&d);

	if (align == 1)
		case_skip("mem-region-alignment is 1");
	r.addr = (char *)r.addr + 1;
	check_refused(map(&d, r), EINVAL);
	r = piece(&m, 0, 1);
	r.len -= 1;
	check_refused(map(&d, r), EINVAL);
	r.len = align + 1;
	check_refused(map(&d, r), EINVAL);
	r.len = align;
	check_ok(map(&d, r));
	dev_close(&d);
}

static void case_empty(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_refused(map(&d, piece(&m, 0, 0)), EINVAL);
	dev_close(&d);
}

static void case_no_address(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 1);

	/* nothing can be in it; where nothing needs to be, programs do it */
	r.addr = NULL;
	if (d.needs_regions)
		check_refused(map(&d, r), EINVAL);
	else
		check_int(map(&d, r), 0);
	dev_close(&d);
}

static void case_wraps(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 2);

	r.addr = (void *)-(uintptr_t)PIECE;
	check_refused(map(&d, r), EINVAL);
	dev_close(&d);
}

static void case_iova(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 1);

	r.iova = PIECE;
	check_refused(map(&d, r), EINVAL);
	dev_close(&d);
}

static void case_flags(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 1);

	r.flags = 1;
	check_refused(map(&d, r), EINVAL);
	dev_close(&d);
}

static void case_bad_fd_offset(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region r = piece(&m, 0, 1);

	if (!get_bool(d.b, "needs-mem-region-fd"))
		case_skip("no fd is needed");
	r.fd_offset = -1;
	check_refused(map(&d, r), EINVAL);
	dev_close(&d);
}

/* ---- unmap ---- */

static void case_unmap_unknown(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct blkio_mem_region other;

	unmap(&d, m.whole);
	check_ok(map(&d, piece(&m, 0, 2)));
	unmap(&d, piece(&m, 0, 1));
	unmap(&d, piece(&m, 1, 1));
	unmap(&d, piece(&m, 0, 3));
	other = piece(&m, 0, 2);
	other.fd_offset = PIECE;
	unmap(&d, other);
	check_refused(map(&d, piece(&m, 0, 2)), EINVAL); /* it still is */
	dev_close(&d);
}

static void case_unmap_twice(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_ok(map(&d, m.whole));
	unmap(&d, m.whole);
	unmap(&d, m.whole);
	check_ok(map(&d, m.whole));
	dev_close(&d);
}

/* ---- how many ---- */

static void case_many(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	uint64_t max = get_u64(d.b, "max-mem-regions");
	struct memory m = memory_create(&d);
	size_t nr = MIN(max, (uint64_t)NR_PIECES);

	for (size_t i = 0; i < nr; i++)
		check_ok(map(&d, piece(&m, i, 1)));
	for (size_t i = 0; i < nr; i++)
		unmap(&d, piece(&m, nr - 1 - i, 1));
	check_ok(map(&d, m.whole));
	dev_close(&d);
}

static void case_too_many(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	uint64_t max = get_u64(d.b, "max-mem-regions");
	struct memory m = memory_create(&d);

	if (max >= NR_PIECES)
		case_skip("max-mem-regions is large");
	for (size_t i = 0; i < max; i++)
		check_ok(map(&d, piece(&m, i, 1)));
	check_refused(map(&d, piece(&m, max, 1)), ENOSPC);
	unmap(&d, piece(&m, 0, 1));
	check_ok(map(&d, piece(&m, max, 1)));
	check_int(request(d.q, READ, 0, piece(&m, max, 1).addr, 4096, 0), 0);
	dev_close(&d);
}

/* ---- buffers in no region ---- */

/* Where regions are needed refused with -EFAULT, else as good as any. */
static void check_outside(struct dev *d, void *buf, size_t len)
{
	int want = d->needs_regions ? -EFAULT : 0;

	for (int op = READ; op <= WRITEV; op++)
		if (!d->read_only || !op_writes((enum op)op))
			check_int(request(d->q, (enum op)op, 0, buf, len, 0),
				  want);
}

static void case_buffer_unmapped(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);

	check_outside(&d, m.whole.addr, 4096);
	check_ok(map(&d, piece(&m, 0, 1)));
	check_outside(&d, piece(&m, 1, 1).addr, 4096);
	unmap(&d, piece(&m, 0, 1));
	check_outside(&d, m.whole.addr, 4096);
	dev_close(&d);
}

static void case_buffer_crosses(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	char *start = piece(&m, 2, 1).addr;

	check_ok(map(&d, piece(&m, 2, 1)));
	check_outside(&d, start + PIECE - 4096, 8192);
	check_outside(&d, start - 4096, 8192);
	check_int(request(d.q, READ, 0, start + PIECE - 4096, 4096, 0), 0);
	check_int(request(d.q, READ, 0, start, 4096, 0), 0);
	dev_close(&d);
}

/* One bad segment spoils the vector; what came before is not done. */
static void case_segment_unmapped(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct memory m = memory_create(&d);
	struct iovec iov[2] = {
		{piece(&m, 0, 1).addr, 4096},
		{piece(&m, 1, 1).addr, 4096},
	};

	check_ok(map(&d, piece(&m, 0, 1)));
	memset(iov[0].iov_base, 0xee, 4096);
	blkioq_readv(d.q, 0, iov, 2, NULL, 0);
	check_int(next(d.q).ret, d.needs_regions ? -EFAULT : 0);
	if (d.needs_regions)
		check_int(*(uint8_t *)iov[0].iov_base, 0xee);
	dev_close(&d);
}

void add_map_cases(struct suite *s)
{
	add_case(s, case_map, NULL, "map.again");
	add_case(s, case_own_memory, NULL, "map.own-memory");
	add_case(s, case_twice, NULL, "map.twice");
	add_case(s, case_neighbours, NULL, "map.neighbours");
	add_case(s, case_overlap, NULL, "map.overlap");
	add_case(s, case_misaligned, NULL, "map.misaligned");
	add_case(s, case_empty, NULL, "map.empty");
	add_case(s, case_no_address, NULL, "map.no-address");
	add_case(s, case_wraps, NULL, "map.wraps");
	add_case(s, case_iova, NULL, "map.iova");
	add_case(s, case_flags, NULL, "map.flags");
	add_case(s, case_bad_fd_offset, NULL, "map.bad-fd-offset");
	add_case(s, case_unmap_unknown, NULL, "map.unmap-unknown");
	add_case(s, case_unmap_twice, NULL, "map.unmap-twice");
	add_case(s, case_many, NULL, "map.many");
	add_case(s, case_too_many, NULL, "map.too-many");
	add_case(s, case_buffer_unmapped, NULL, "map.buffer-unmapped");
	add_case(s, case_buffer_crosses, NULL, "map.buffer-crosses");
	add_case(s, case_segment_unmapped, NULL, "map.segment-unmapped");
}
