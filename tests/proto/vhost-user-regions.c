/* SPDX-License-Identifier: MIT */
/* Regions that are empty, wrap, overlap, are too many or not in a file are
 * refused; addresses are found only where all their bytes are. */
#include <errno.h>

#include "proto/vhost_user_mem.h"
#include "tests/check.h"

static struct err err;

static int alone(uint64_t guest, uint64_t size, uint64_t user, uint64_t offset)
{
	struct vhost_user_region r = {guest, size, user, offset};

	return vhost_user_check_region(&r, &err);
}

static void one(void)
{
	check_int(alone(0, 1, 0, 0), 0);
	check_int(alone(0, 0, 0, 0), -EINVAL);
	check_contains(err.text, "empty");
	check_int(alone(UINT64_MAX - 1, 1, 0, 0), 0);
	check_int(alone(UINT64_MAX, 1, 0, 0), -EINVAL);
	check_int(alone(0x1000, UINT64_MAX - 0xfff, 0, 0), -EINVAL);
	check_contains(err.text, "beyond the last address");
	check_int(alone(0, 1, UINT64_MAX - 1, 0), 0);
	check_int(alone(0, 1, UINT64_MAX, 0), -EINVAL);
	check_int(alone(0, 1, 0, INT64_MAX - 1), 0);
	check_int(alone(0, 1, 0, INT64_MAX), -EINVAL);
	check_int(alone(0, 4096, 0, UINT64_MAX - 4095), -EINVAL);
	check_contains(err.text, "offset 0xfffffffffffff000");
	check_int(alone(0, INT64_MAX, 0, 0), 0);
	check_int(alone(0, 1ULL << 63, 0, 0), -EINVAL);
}

static const struct vhost_user_region regions[] = {
	{0x4000, 0x2000, 0x10000, 0},
	{0x1000, 0x1000, 0x20000, 0x7000},
	/* memory of the first, at another place */
	{0x8000, 0x1000, 0x10000, 0},
};

static int beside(uint64_t guest, uint64_t size)
{
	struct vhost_user_region r = {guest, size, 0, 0};

	return vhost_user_check_new_region(regions, 3, 8, &r, &err);
}

static void several(void)
{
	struct vhost_user_region r = {0x100000, 1, 0, 0};

	check_int(beside(0x2000, 0x2000), 0);
	check_int(beside(0x3000, 0x1001), -EINVAL);
	check_contains(err.text, "0x1001 bytes at guest address 0x3000 "
				 "overlaps that of 0x2000 bytes at 0x4000");
	check_int(beside(0x5fff, 1), -EINVAL);
	check_int(beside(0x6000, 1), 0);
	check_int(beside(0x4800, 0x10), -EINVAL);
	check_int(beside(0, 0x100000), -EINVAL);
	check_int(beside(0, 0x1000), 0);
	check_int(beside(0, 0x1001), -EINVAL);
	check_int(beside(0x4000, 0x2000), -EINVAL);
	check_int(beside(0, 0), -EINVAL);
	for (size_t i = 0; i < 3; i++)
		check_int(vhost_user_check_new_region(regions, i, 3,
						      &regions[i], &err),
			  0);
	check_int(vhost_user_check_new_region(regions, 3, 4, &r, &err), 0);
	check_int(vhost_user_check_new_region(regions, 3, 3, &r, &err),
		  -ENOSPC);
	check_contains(err.text, "4 regions, at most 3");
}

static void removed(void)
{
	struct vhost_user_region r = regions[2];

	r.mmap_offset = 12345;
	check_int(vhost_user_find_region(regions, 3, &r, &err), 2);
	check_int(vhost_user_find_region(regions, 2, &r, &err), -ENOENT);
	r.size++;
	check_int(vhost_user_find_region(regions, 3, &r, &err), -ENOENT);
	r = regions[2];
	r.user_addr++;
	check_int(vhost_user_find_region(regions, 3, &r, &err), -ENOENT);
	r = regions[2];
	r.guest_addr++;
	check_int(vhost_user_find_region(regions, 3, &r, &err), -ENOENT);
	check_contains(err.text, "0x8001");
}

static int find(uint64_t addr, uint64_t len)
{
	return vhost_user_find_user(regions, 3, addr, len, &err);
}

static void found(void)
{
	check_int(find(0x10000, 1), 0);
	check_int(find(0x10000, 0x2000), 0);
	check_int(find(0x11fff, 1), 0);
	check_int(find(0x10000, 0x2001), -EFAULT);
	check_contains(err.text, "0x10000");
	check_int(find(0x11fff, 2), -EFAULT);
	check_int(find(0x12000, 1), -EFAULT);
	check_int(find(0xffff, 1), -EFAULT);
	check_int(find(0x20fff, 1), 1);
	check_int(find(0x20800, UINT64_MAX), -EFAULT);
	check_int(find(UINT64_MAX, 1), -EFAULT);
	check_int(vhost_user_find_user(NULL, 0, 0x10000, 1, &err), -EFAULT);
}

int main(void)
{
	one();
	several();
	removed();
	found();
	return 0;
}
