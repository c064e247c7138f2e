/* SPDX-License-Identifier: MIT */
/*
 * The log of dirty pages for live migration: a bitmap of the client's, one
 * bit for each page of guest memory, see "Migration" of the protocol. A bit
 * is set after the write that it tells of, and before the driver sees the
 * request done.
 *
 * Failure modes: pages beyond the bitmap's end aren't logged: the client has
 * said how large it is. Threads: bits are set on any, the rest on the main
 * loop, while no queue is running.
 */
#include <errno.h>

#include "export/vhost-user-blk/shared.h"
#include "util/compiler.h"

#define PAGE_BYTES UINT64_C(4096) /* by the protocol, on every machine */

int vub_dirty_set(struct vub_dirty *d, const struct vhost_user_log *msg, int fd,
		  atomic_bool *lost, struct err *err)
{
	struct vub_mapping mapping;
	int ret;

	if (msg->size == 0)
		return err_set(err, EINVAL, "dirty log of 0 bytes");
	ret = vub_map(&mapping, fd, msg->offset, msg->size, lost, err);
	if (ret < 0) {
		err_prefix(err, "dirty log: ");
		return ret;
	}
	vub_dirty_clear(d);
	d->mapping = mapping;
	d->bytes = msg->size;
	return 0;
}

void vub_dirty_clear(struct vub_dirty *d)
{
	vub_unmap(&d->mapping);
	d->bytes = 0;
}

void vub_dirty_mark(const struct vub_dirty *d, uint64_t addr, uint64_t len)
{
	uint8_t *bits = (uint8_t *)vub_mapped(&d->mapping);
	uint64_t page = addr / PAGE_BYTES;
	uint64_t last = (addr + len - 1) / PAGE_BYTES;

	if (len == 0 || addr + len - 1 < addr)
		return;
	for (; page <= last && page / 8 < d->bytes; page++)
		/* whoever sees the bit sees what was written */
		__atomic_fetch_or(&bits[page / 8], 1u << page % 8,
				  __ATOMIC_RELEASE);
}

void vub_dirty_mark_host(const struct vub_dirty *d,
			 const struct guest_memory *mem, const void *host,
			 uint64_t len)
{
	uint64_t addr;

	if (guest_memory_addr(mem, host, &addr))
		vub_dirty_mark(d, addr, len);
}
