/* SPDX-License-Identifier: MIT */
/*
 * The drivers in this build, sorted by name: one line each, with the name
 * that the driver's table has.
 */
#include "libblkio/drivers/registry.h"

#include "libblkio/api.h"

#ifdef HAVE_IO_URING
#define IO_URING(X) X("io_uring", iou_driver)
#else
#define IO_URING(X)
#endif

#define DRIVERS(X)             \
	IO_URING(X)            \
	X("null", null_driver) \
	X("ram", ram_driver)   \
	X("virtio-blk-vhost-user", vu_driver)

#define TABLE(name, table) &table,
#define NAME(name, table) name,

const struct driver *const drivers[] = {DRIVERS(TABLE)};
const int nr_drivers = ARRAY_SIZE(drivers);

static const char *const names[] = {DRIVERS(NAME)};

BLKIO_PUBLIC int blkio_list_drivers(const char *const **list)
{
	if (list)
		*list = names;
	return nr_drivers;
}
