/* SPDX-License-Identifier: MIT */
/*
 * Memory that the vhost-user server maps: the rings and the user's regions,
 * by slot (ADD_MEM_REG, REM_MEM_REG) where the server has slots, else all of
 * them in one table. Their addresses are ours, of both kinds that the
 * protocol has.
 *
 * Failure modes: a region that would make a server stumble is refused,
 * -EINVAL: it begins within a page of its file, or ends behind it. -EIO, when
 * the server refuses or is gone; if there is to be another server, it is told
 * then. Thread rule: under the instance's lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "libblkio/regions.h"

/* All regions, the last of which may be news. */
static int tell_table(struct vu_dev *d, struct err *err)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_SET_MEM_TABLE};
	int fds[VHOST_USER_TABLE_REGIONS];

	msg.table.nr = d->nr_regions;
	for (unsigned i = 0; i < d->nr_regions; i++) {
		msg.table.regions[i] = d->regions[i].r;
		fds[i] = d->regions[i].fd;
	}
	return vu_link_call(&d->link, &msg, fds, d->nr_regions, NULL, NULL,
			    err);
}

static int tell_slot(struct vu_dev *d, uint32_t request,
		     const struct vu_region *region, struct err *err)
{
	struct vhost_user_msg msg = {.request = request, .region = region->r};
	bool add = request == VHOST_USER_ADD_MEM_REG;

	if (!add)
		msg.region.mmap_offset = 0;
	return vu_link_call(&d->link, &msg, &region->fd, add, NULL, NULL, err);
}

static bool has_slots(const struct vu_dev *d)
{
	return vu_link_has(&d->link, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS);
}

static int check_file(const struct blkio_mem_region *r, struct err *err)
{
	long page = sysconf(_SC_PAGESIZE);
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return err_sys(err, errno, "fd %d of a memory region", r->fd);
	if (r->fd_offset % page)
		return err_set(err, EINVAL,
			       "fd_offset %" PRId64 " of a memory region is no "
			       "multiple of %ld",
			       r->fd_offset, page);
	if (S_ISREG(st.st_mode) &&
	    (r->fd_offset > st.st_size ||
	     r->len > (uint64_t)(st.st_size - r->fd_offset)))
		return err_set(err, EINVAL,
			       "memory region at %" PRId64 " with len %#zx "
			       "ends behind its file of %" PRId64 " bytes",
			       r->fd_offset, r->len, (int64_t)st.st_size);
	return 0;
}

/* Take note of it; nobody is told. */
static int remember(struct vu_dev *d, const struct blkio_mem_region *r,
		    struct err *err)
{
	struct vu_region *regions;
	int fd;

	if (d->nr_regions >= d->max_regions)
		return err_set(err, ENOSPC, "Backend has %u memory slots",
			       d->max_regions);
	regions = reallocarray(d->regions, d->nr_regions + 1, sizeof(*regions));
	if (!regions)
		return err_set(err, ENOMEM, "Out of memory for a region");
	d->regions = regions;
	fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, errno, "duplicate fd %d", r->fd);
	regions[d->nr_regions++] = (struct vu_region){
		.r =
			{
				.guest_addr = (uintptr_t)r->addr,
				.user_addr = (uintptr_t)r->addr,
				.size = r->len,
				.mmap_offset = r->fd_offset,
			},
		.fd = fd,
	};
	return 0;
}

static void forget(struct vu_dev *d, unsigned index)
{
	close(d->regions[index].fd);
	d->regions[index] = d->regions[--d->nr_regions];
}

static int add(struct vu_dev *d, const struct blkio_mem_region *r,
	       struct err *err)
{
	int ret = check_file(r, err);

	if (ret == 0)
		ret = remember(d, r, err);
	if (ret < 0)
		return ret;
	if (has_slots(d))
		ret = tell_slot(d, VHOST_USER_ADD_MEM_REG,
				&d->regions[d->nr_regions - 1], err);
	else
		ret = tell_table(d, err);
	if (ret < 0 && vu_is_interrupted(d))
		return 0;
	if (ret < 0)
		forget(d, d->nr_regions - 1);
	return ret;
}

/* A server that is gone, or will not, has nobody to complain to. */
static void remove_at(struct vu_dev *d, const void *addr)
{
	struct vu_region gone;

	for (unsigned i = 0; i < d->nr_regions; i++) {
		if (d->regions[i].r.user_addr != (uintptr_t)addr)
			continue;
		gone = d->regions[i];
		d->regions[i] = d->regions[--d->nr_regions];
		if (has_slots(d))
			tell_slot(d, VHOST_USER_REM_MEM_REG, &gone, NULL);
		else
			tell_table(d, NULL);
		close(gone.fd);
		return;
	}
}

int vu_map_region(struct blkio *b, const struct mapped_region *m,
		  struct err *err)
{
	return add(to_vu(to_vblk(b)), &m->r, err);
}

void vu_unmap_region(struct blkio *b, const struct mapped_region *m)
{
	remove_at(to_vu(to_vblk(b)), m->r.addr);
}

int vu_map_rings(struct vblk_dev *d, struct err *err)
{
	int ret = add(to_vu(d), &d->rings, err);

	if (ret == 0) {
		vu_forget_inflight(to_vu(d)); /* of an earlier start */
		vu_tell_inflight(to_vu(d));
	}
	return ret;
}

void vu_unmap_rings(struct vblk_dev *d)
{
	remove_at(to_vu(d), d->rings.addr);
}

int vu_tell_regions(struct vu_dev *d, struct err *err)
{
	int ret = 0;

	if (!has_slots(d))
		return d->nr_regions > 0 ? tell_table(d, err) : 0;
	for (unsigned i = 0; i < d->nr_regions && ret == 0; i++)
		ret = tell_slot(d, VHOST_USER_ADD_MEM_REG, &d->regions[i], err);
	return ret;
}

void vu_forget_regions(struct vu_dev *d)
{
	while (d->nr_regions > 0)
		forget(d, d->nr_regions - 1);
	free(d->regions);
	d->regions = NULL;
}
