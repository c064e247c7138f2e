/* SPDX-License-Identifier: MIT */
/* Memory that the library allocates, and every wrong way to free it. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "tests/conformance/conformance.h"

static uint64_t alignment(struct dev *d)
{
	return get_u64(d->b, "mem-region-alignment");
}

static struct blkio_mem_region alloc(struct dev *d, size_t len)
{
	struct blkio_mem_region r;

	memset(&r, 0xee, sizeof(r));
	check_ok(blkio_alloc_mem_region(d->b, &r, len));
	return r;
}

static void case_alloc(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 65536);

	check(r.addr);
	check_int((uintptr_t)r.addr % alignment(&d), 0);
	check_int(r.len, 65536);
	check_int(r.iova, 0);
	check_int(r.fd_offset, 0);
	check(r.fd >= 0);
	check_int(r.flags, 0);
	dev_close(&d);
}

/* The length asked for, not a page more. */
static void case_alloc_len(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t len = alignment(&d);
	struct blkio_mem_region r = alloc(&d, len);

	check_int(r.len, len);
	memset(r.addr, 1, len);
	blkio_free_mem_region(d.b, &r);
	dev_close(&d);
}

/* Zeroes, and the same memory as behind the fd. */
static void case_alloc_shared(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 8192);
	struct stat st;
	char *other;

	for (size_t i = 0; i < r.len; i++)
		check_int(((char *)r.addr)[i], 0);
	check_int(fstat(r.fd, &st), 0);
	check(st.st_size >= 8192);
	check_int(fcntl(r.fd, F_GETFL) & O_ACCMODE, O_RDWR);
	other = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0);
	check(other != MAP_FAILED);
	memset(r.addr, 7, 8192);
	check_int(other[8191], 7);
	other[0] = 9;
	check_int(*(char *)r.addr, 9);
	munmap(other, 8192);
	dev_close(&d);
}

static void case_alloc_cloexec(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 4096);

	check_int(fcntl(r.fd, F_GETFD), FD_CLOEXEC);
	dev_close(&d);
}

static void case_alloc_misaligned(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	uint64_t align = alignment(&d);
	struct blkio_mem_region r;

	if (align == 1)
		case_skip("mem-region-alignment is 1");
	check_refused(blkio_alloc_mem_region(d.b, &r, 1), EINVAL);
	check_refused(blkio_alloc_mem_region(d.b, &r, align + 1), EINVAL);
	check_refused(blkio_alloc_mem_region(d.b, &r, 2 * align - 1), EINVAL);
	dev_close(&d);
}

static void case_alloc_nothing(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r;

	check_refused(blkio_alloc_mem_region(d.b, &r, 0), EINVAL);
	dev_close(&d);
}

static void case_alloc_too_much(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int nr_fds = test_nr_open_fds();
	struct blkio_mem_region r;

	check_refused(blkio_alloc_mem_region(d.b, &r, (size_t)1 << 62), ENOMEM);
	check_int(test_nr_open_fds(), nr_fds);
	dev_close(&d);
}

/* More than a file offset can say */
static void case_alloc_most(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int nr_fds = test_nr_open_fds();
	struct blkio_mem_region r;

	check_refused(blkio_alloc_mem_region(d.b, &r, (size_t)1 << 63), ENOMEM);
	check_int(test_nr_open_fds(), nr_fds);
	dev_close(&d);
}

static void case_freed_at_destroy(const struct target *t, const void *arg)
{
	struct dev d;
	int nr_fds;

	if (t->facts->has_source)
		disk_path(t); /* may keep an fd */
	nr_fds = test_nr_open_fds();
	d = dev_start(t);
	for (int i = 0; i < 10; i++) {
		struct blkio_mem_region r = alloc(&d, 65536);

		if (i % 2)
			check_ok(blkio_map_mem_region(d.b, &r));
	}
	dev_close(&d);
	check_int(test_nr_open_fds(), nr_fds);
}

static void case_free(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	int nr_fds = test_nr_open_fds();

	for (int i = 0; i < 10; i++) {
		struct blkio_mem_region r = alloc(&d, 65536);

		check_ok(blkio_map_mem_region(d.b, &r));
		blkio_unmap_mem_region(d.b, &r);
		blkio_free_mem_region(d.b, &r);
		check_int(fcntl(r.fd, F_GETFD), -1);
	}
	check_int(test_nr_open_fds(), nr_fds);
	dev_close(&d);
}

/* Requests at both ends of a region, and all of it. */
static void case_io(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	size_t unit = MAX(d.align, d.buf_align);
	size_t len = MAX(alignment(&d), (uint64_t)65536);
	struct blkio_mem_region r = alloc(&d, len);
	char *end = (char *)r.addr + len - unit;

	check_ok(blkio_map_mem_region(d.b, &r));
	check_int(request(d.q, READ, 0, r.addr, unit, 0), 0);
	check_int(request(d.q, READ, 0, end, unit, 0), 0);
	if (!d.read_only) {
		check_int(request(d.q, WRITE, 0, r.addr, unit, 0), 0);
		check_int(request(d.q, WRITE, 0, end, unit, 0), 0);
	}
	blkio_unmap_mem_region(d.b, &r);
	blkio_free_mem_region(d.b, &r);
	dev_close(&d);
}

/* ---- wrong ways to free ---- */

/* After whatever was done, memory and requests work. */
static void check_works(struct dev *d)
{
	struct blkio_mem_region r = alloc(d, 65536);

	check_ok(blkio_map_mem_region(d->b, &r));
	memset(r.addr, 1, r.len);
	check_int(request(d->q, READ, 0, r.addr, 4096, 0), 0);
	blkio_unmap_mem_region(d->b, &r);
	blkio_free_mem_region(d->b, &r);
	dev_close(d);
}

static void case_free_twice(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 4096);

	blkio_free_mem_region(d.b, &r);
	blkio_free_mem_region(d.b, &r);
	check_works(&d);
}

static void case_free_mapped(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 65536);

	check_ok(blkio_map_mem_region(d.b, &r));
	blkio_free_mem_region(d.b, &r);
	blkio_unmap_mem_region(d.b, &r);
	check_works(&d);
}

/* Memory of the caller's own. */
static void case_free_foreign(const struct target *t, const void *arg)
{
	static char memory[65536] __attribute__((aligned(65536)));
	struct blkio_mem_region r = {
		.addr = memory,
		.len = sizeof(memory),
		.fd = -1,
	};
	struct dev d = dev_start(t);

	blkio_free_mem_region(d.b, &r);
	memset(memory, 1, sizeof(memory)); /* is still there */
	check_works(&d);
}

/* Not the region that was allocated, in one field each: it stays. */
static void case_free_changed(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_mem_region r = alloc(&d, 131072), other[6];

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		other[i] = r;
	other[0].addr = (char *)r.addr + 65536;
	other[1].len = 65536;
	other[2].iova = 1;
	other[3].fd_offset = 65536;
	other[4].fd = -1;
	other[5].flags = 1;
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		blkio_free_mem_region(d.b, &other[i]);
		memset(r.addr, 1, r.len);
		check(fcntl(r.fd, F_GETFD) >= 0);
	}
	blkio_free_mem_region(d.b, &r);
	check_int(fcntl(r.fd, F_GETFD), -1);
	check_works(&d);
}

void add_region_cases(struct suite *s)
{
	add_case(s, case_alloc, NULL, "regions.alloc");
	add_case(s, case_alloc_len, NULL, "regions.alloc-len");
	add_case(s, case_alloc_shared, NULL, "regions.alloc-shared");
	add_case(s, case_alloc_cloexec, NULL, "regions.alloc-cloexec");
	add_case(s, case_alloc_misaligned, NULL, "regions.alloc-misaligned");
	add_case(s, case_alloc_nothing, NULL, "regions.alloc-nothing");
	add_case(s, case_alloc_too_much, NULL, "regions.alloc-too-much");
	add_case(s, case_alloc_most, NULL, "regions.alloc-most");
	add_case(s, case_freed_at_destroy, NULL, "regions.freed-at-destroy");
	add_case(s, case_free, NULL, "regions.free");
	add_case(s, case_io, NULL, "regions.io");
	add_case(s, case_free_twice, NULL, "regions.free-twice");
	add_case(s, case_free_mapped, NULL, "regions.free-while-mapped");
	add_case(s, case_free_foreign, NULL, "regions.free-foreign");
	add_case(s, case_free_changed, NULL, "regions.free-changed");
}
