/* SPDX-License-Identifier: MIT */
/*
 * ram driver: a sparse disk in this process's memory, gone with it.
 *
 * The disk is one range of private anonymous memory; transfers are memcpy.
 * The kernel allocates a page when it is first written and takes it back on
 * discard, so memory in use follows the data; page_map.h knows which pages
 * those are. Anonymous, not a memfd: a write that finds no memory can't end
 * in SIGBUS. With strict overcommit, connect or resize fails instead; with
 * the usual kind, a disk larger than memory may summon the OOM killer.
 *
 * Address space is reserved for growth when the disk is made, so resizing
 * never moves it and other queues may run meanwhile. What a smaller disk no
 * longer has stays addressable: a request in flight there harms nobody.
 *
 * Requests on the same bytes at the same time on two queues leave either's
 * data, as on any disk. Requests on other bytes of the same page are safe.
 * Threads: control under the lock, a queue on its thread.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libblkio/drivers/ram/page_map.h"
#include "libblkio/drivers/synthetic/synthetic.h"

/*
 * How far a disk can grow; less where the process has less address space,
 * more where the disk begins larger.
 */
#define RESERVE (UINT64_C(1) << 40)

struct ram_dev {
	struct synth_dev synth;
	char *mem;	     /* the disk; NULL before connect */
	uint64_t *used;	     /* page map of the reserved range */
	uint64_t reserved;   /* bytes of address space at mem */
	unsigned page_shift; /* log2 of the kernel's page size */
};

static struct ram_dev *to_ram(struct synth_dev *d)
{
	return (struct ram_dev *)d;
}

static uint64_t page_size(const struct ram_dev *d)
{
	return UINT64_C(1) << d->page_shift;
}

/* Pages of which [0, end) has at least a byte. */
static uint64_t pages_to(const struct ram_dev *d, uint64_t end)
{
	return (end + page_size(d) - 1) >> d->page_shift;
}

/* ---- data ---- */

static void mark_written(struct ram_dev *d, uint64_t start, uint64_t len)
{
	if (len > 0)
		page_map_mark(d->used, start >> d->page_shift,
			      pages_to(d, start + len));
}

/* Without bytes buf may be NULL, which memcpy() doesn't take. */
static void transfer(struct ram_dev *d, uint64_t start, void *buf, size_t len,
		     bool write)
{
	if (len == 0)
		return;
	if (!write) {
		memcpy(buf, d->mem + start, len);
		return;
	}
	memcpy(d->mem + start, buf, len);
	mark_written(d, start, len);
}

static void transfer_iov(struct ram_dev *d, const struct request *r, bool write)
{
	uint64_t start = r->start;

	for (uint32_t i = 0; i < r->count; i++) {
		transfer(d, start, r->iov[i].iov_base, r->iov[i].iov_len,
			 write);
		start += r->iov[i].iov_len;
	}
}

/* ---- zeroes ---- */

/* Zero a part of one page; one that has no memory gets none. */
static void zero_part(struct ram_dev *d, uint64_t start, uint64_t end)
{
	if (start < end && page_map_used(d->used, start >> d->page_shift))
		memset(d->mem + start, 0, end - start);
}

/* Give the memory of pages [first, end) back. */
static void drop_pages(struct ram_dev *d, uint64_t first, uint64_t end)
{
	char *mem = d->mem + (first << d->page_shift);
	size_t len = (end - first) << d->page_shift;

	if (first >= end)
		return;
	page_map_clear(d->used, first, end);
	if (madvise(mem, len, MADV_DONTNEED) == 0)
		return;
	memset(mem, 0, len); /* locked memory, which can't be given back */
	page_map_mark(d->used, first, end);
}

/* [start, start + len) reads as zeroes, with as little memory as can be. */
static void zero_and_drop(struct ram_dev *d, uint64_t start, uint64_t len)
{
	uint64_t end = start + len;
	uint64_t first = pages_to(d, start), last = end >> d->page_shift;

	if (first > last) { /* inside one page */
		zero_part(d, start, end);
		return;
	}
	zero_part(d, start, first << d->page_shift);
	drop_pages(d, first, last);
	zero_part(d, last << d->page_shift, end);
}

static void write_zeroes(struct ram_dev *d, const struct request *r)
{
	if (!(r->flags & BLKIO_REQ_NO_UNMAP)) {
		zero_and_drop(d, r->start, r->len);
		return;
	}
	memset(d->mem + r->start, 0, r->len);
	mark_written(d, r->start, r->len);
}

/* ---- block status ---- */

static int block_status(struct ram_dev *d, const struct request *r)
{
	uint64_t pos = r->start, end = r->start + r->len;
	uint32_t n;

	for (n = 0; n < r->count && pos < end; n++) {
		uint64_t page = pos >> d->page_shift;
		uint64_t next =
			page_map_run_end(d->used, page, pages_to(d, end));
		bool used = page_map_used(d->used, page);
		uint64_t run_end = MIN(next << d->page_shift, end);

		r->extents[n] = (struct blkio_extent){
			.len = run_end - pos,
			.flags = used ? 0
				      : BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE,
		};
		pos = run_end;
	}
	return n;
}

/* ---- requests ---- */

static int ram_execute(struct synth_dev *synth, struct request *r)
{
	struct ram_dev *d = to_ram(synth);

	switch (r->op) {
	case REQUEST_READ:
	case REQUEST_WRITE:
		transfer(d, r->start, r->buf, r->len, r->op == REQUEST_WRITE);
		return 0;
	case REQUEST_READV:
	case REQUEST_WRITEV:
		transfer_iov(d, r, r->op == REQUEST_WRITEV);
		return 0;
	case REQUEST_WRITE_ZEROES:
		write_zeroes(d, r);
		return 0;
	case REQUEST_DISCARD:
		zero_and_drop(d, r->start, r->len);
		return 0;
	case REQUEST_BLOCK_STATUS:
		return block_status(d, r);
	default: /* a flush: there is nothing to make more stable */
		return 0;
	}
}

/* ---- control ---- */

static int ram_create(struct blkio *b, struct err *err)
{
	struct ram_dev *d = to_ram(to_synth(b));

	d->page_shift = __builtin_ctzl(sysconf(_SC_PAGESIZE));
	return synth_create(b, ram_execute);
}

static void *map(uint64_t bytes, int prot)
{
	void *p = mmap(NULL, bytes, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Reserve address space, at least for a disk of size bytes. */
static int reserve(struct ram_dev *d, uint64_t size, struct err *err)
{
	uint64_t least = MAX(pages_to(d, size), UINT64_C(1)) << d->page_shift;
	uint64_t bytes = MAX(least, RESERVE);

	while (!(d->mem = map(bytes, PROT_NONE)) && bytes > least)
		bytes = MAX(bytes / 2, least);
	d->reserved = bytes;
	if (d->mem)
		d->used = map(PAGE_MAP_BYTES(bytes >> d->page_shift),
			      PROT_READ | PROT_WRITE);
	if (!d->used)
		return err_set(err, ENOMEM,
			       "no address space for a disk of %" PRIu64
			       " bytes",
			       size);
	return 0;
}

/* Undo reserve(), also when it failed half-way. */
static void unreserve(struct ram_dev *d)
{
	if (d->used)
		munmap(d->used, PAGE_MAP_BYTES(d->reserved >> d->page_shift));
	if (d->mem)
		munmap(d->mem, d->reserved);
	d->mem = NULL;
	d->used = NULL;
}

/* Let the first size bytes be used. */
static int allow(struct ram_dev *d, uint64_t size, struct err *err)
{
	uint64_t bytes = pages_to(d, size) << d->page_shift;

	if (mprotect(d->mem, bytes, PROT_READ | PROT_WRITE) < 0)
		return err_sys(err, errno,
			       "memory for a disk of %" PRIu64 " bytes", size);
	return 0;
}

static int ram_connect(struct blkio *b, struct err *err)
{
	struct ram_dev *d = to_ram(to_synth(b));
	int ret = synth_connect(b, err);

	if (ret == 0)
		ret = reserve(d, d->synth.size, err);
	if (ret == 0)
		ret = allow(d, d->synth.size, err);
	if (ret < 0)
		unreserve(d);
	return ret;
}

static int ram_resize(struct blkio *b, uint64_t size, struct err *err)
{
	struct ram_dev *d = to_ram(to_synth(b));
	uint64_t old = synth_capacity(&d->synth);
	int ret;

	if (size > d->reserved)
		return err_set(err, EINVAL,
			       "size %" PRIu64 " is larger than "
			       "the address space reserved, %" PRIu64,
			       size, d->reserved);
	if (size < old) {
		synth_set_capacity(&d->synth, size);
		zero_and_drop(d, size,
			      (pages_to(d, old) << d->page_shift) - size);
		return 0;
	}
	ret = allow(d, size, err);
	if (ret == 0)
		synth_set_capacity(&d->synth, size);
	return ret;
}

static void ram_destroy(struct blkio *b)
{
	unreserve(to_ram(to_synth(b)));
	synth_destroy(b);
}

static const struct property ram_props[] = {SYNTH_PROPERTIES};

const struct driver ram_driver = {
	.name = "ram",
	.props = ram_props,
	.nr_props = ARRAY_SIZE(ram_props),
	.device_size = sizeof(struct ram_dev),
	.create = ram_create,
	.connect = ram_connect,
	.destroy = ram_destroy,
	.resize = ram_resize,
	SYNTH_QUEUE_SLOTS,
};
