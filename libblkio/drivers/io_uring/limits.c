/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says about a file or block device: size, alignments,
 * caches, discard and zeroing. Block devices are asked by ioctl(2) where one
 * exists and through sysfs otherwise; a partition's queue is its disk's. For
 * a regular file it is the device below the file system that counts; where
 * there is none to be seen (tmpfs, overlay, network), a page is assumed.
 *
 * Failure modes: sysfs may be absent (container): the cautious value is used.
 * Thread rule: under the device's lock; iou_size() anywhere.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Read /sys/dev/block/M:N/name as one word; false when it isn't there. */
static bool sysfs_read(dev_t dev, const char *name, char *text, size_t size)
{
	char path[96];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev),
		 minor(dev), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, size - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool queue_read(dev_t dev, const char *name, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "queue/%s", name);
	if (sysfs_read(dev, path, text, size))
		return true;
	snprintf(path, sizeof(path), "../queue/%s", name);
	return sysfs_read(dev, path, text, size);
}

/* A number from the device's queue, at most INT_MAX; otherwise when absent. */
static int queue_number(dev_t dev, const char *name, int otherwise)
{
	char text[32];
	uint64_t n;

	if (!queue_read(dev, name, text, sizeof(text)) ||
	    sscanf(text, "%" SCNu64, &n) != 1)
		return otherwise;
	return n > INT_MAX ? INT_MAX : (int)n;
}

static int device_number(dev_t dev, const char *name)
{
	char text[32];
	int n;

	if (!sysfs_read(dev, name, text, sizeof(text)) ||
	    sscanf(text, "%d", &n) != 1 || n < 0)
		return 0;
	return n;
}

/* Without sysfs, assume a cache that has to be flushed. */
static bool has_write_cache(dev_t dev)
{
	char text[32];

	return !queue_read(dev, "write_cache", text, sizeof(text)) ||
	       strcmp(text, "write back") == 0;
}

static int page_size(void)
{
	return (int)sysconf(_SC_PAGESIZE);
}

int64_t iou_size(int fd)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode))
		return st.st_size;
	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0)
		return -errno;
	return (int64_t)bytes;
}

static int block_device_limits(struct iou_dev *d, int fd, dev_t dev,
			       struct err *err)
{
	struct device_info *info = &d->base.info;
	unsigned int physical, optimal;
	int logical;

	if (ioctl(fd, BLKSSZGET, &logical) < 0 ||
	    ioctl(fd, BLKPBSZGET, &physical) < 0 ||
	    ioctl(fd, BLKIOOPT, &optimal) < 0)
		return err_sys(err, errno, "read the block device's limits");
	info->request_alignment = d->direct ? logical : 1;
	info->optimal_io_alignment = (int)MIN(physical, (unsigned)INT_MAX);
	info->optimal_io_size = (int)MIN(optimal, (unsigned)INT_MAX);
	info->discard_alignment = queue_number(dev, "discard_granularity", 0);
	info->discard_alignment_offset =
		device_number(dev, "discard_alignment");
	if (info->discard_alignment_offset == info->discard_alignment)
		info->discard_alignment_offset = 0;
	info->can_grow = false;
	info->flush_needed = has_write_cache(dev) || !d->direct;
	d->native_zeroes = queue_number(dev, "write_zeroes_max_bytes", 0) > 0;
	return 0;
}

static int file_limits(struct iou_dev *d, int fd, dev_t dev, struct err *err)
{
	struct device_info *info = &d->base.info;
	struct statfs fs;
	int block;

	if (fstatfs(fd, &fs) < 0)
		return err_sys(err, errno, "read the file system's limits");
	block = (int)MIN((uint64_t)fs.f_bsize, (uint64_t)INT_MAX);
	info->request_alignment = d->direct ?
		queue_number(dev, "logical_block_size", page_size()) : 1;
	info->optimal_io_alignment = MAX(block, info->request_alignment);
	info->optimal_io_size = 0;
	info->discard_alignment = info->request_alignment;
	info->discard_alignment_offset = 0;
	info->can_grow = true;
	info->flush_needed = true;
	return 0;
}

int iou_read_limits(struct iou_dev *d, int fd, const struct stat *st,
		    struct err *err)
{
	struct device_info *info = &d->base.info;
	dev_t dev = d->block_device ? st->st_rdev : st->st_dev;
	int64_t size = iou_size(fd);
	int ret;

	if (size < 0)
		return err_sys(err, (int)-size, "read the device's size");
	info->capacity = (uint64_t)size;
	ret = d->block_device ? block_device_limits(d, fd, dev, err) :
				file_limits(d, fd, dev, err);
	if (ret < 0)
		return ret;
	d->align = (uint32_t)info->request_alignment;
	info->supports_fua_natively = queue_number(dev, "fua", 0) > 0;
	info->buf_alignment = info->request_alignment;
	info->mem_region_alignment = (uint64_t)info->request_alignment;
	info->optimal_buf_alignment = page_size();
	info->max_segments = IOV_MAX;
	return 0;
}
