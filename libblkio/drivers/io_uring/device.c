/* SPDX-License-Identifier: MIT */
/*
 * io_uring driver: regular files and block devices, one ring per queue.
 *
 * connect() opens "path" or adopts "fd" and reads the limits; the rings are
 * made in queue.c. Requests are in request.c.
 *
 * Failure modes of connect(), all of which leave the instance as it was and
 * an adopted fd open: no or two sources, open(2) failing, neither a regular
 * file nor a block device. io_uring itself is first needed, and its absence
 * told, when queues are made.
 *
 * Thread rule: everything here runs under the instance's lock.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libblkio/drivers/io_uring/buffers.h"
#include "libblkio/properties.h"

static int create(struct blkio *b, struct err *err)
{
	struct iou_dev *d = to_ioudev(b);
	int ret = worker_pool_init(&d->workers);

	if (ret < 0)
		return err_sys(err, -ret, "make the pool of workers");
	d->fd = d->status_fd = -1;
	d->num_entries = 128;
	b->info.max_queues = INT_MAX;
	b->info.max_mem_regions = UINT64_MAX;
	b->info.can_add_queues = true;
	b->info.flush_needed = true;
	return 0;
}

static int open_path(const struct iou_dev *d, struct err *err)
{
	const struct blkio *b = &d->base;
	/* O_NONBLOCK: opening a FIFO must not wait for its other end */
	int flags = (b->read_only ? O_RDONLY : O_RDWR) |
		    (d->direct ? O_DIRECT : 0) | O_CLOEXEC | O_NONBLOCK;
	int fd = open(b->path, flags);

	if (fd >= 0)
		return fd;
	if (errno == EINVAL && d->direct)
		return err_set(err, EINVAL, "open \"%s\": refused with "
			       "O_DIRECT: the file system may not support "
			       "direct=true", b->path);
	return err_sys(err, errno, "open \"%s\"", b->path);
}

/* The fd that the properties name, or -errno. */
static int get_fd(const struct iou_dev *d, struct err *err)
{
	const struct blkio *b = &d->base;
	bool has_path = b->path && *b->path;

	if (has_path && b->fd >= 0)
		return err_set(err, EINVAL,
			       "path and fd cannot be set at the same time");
	if (has_path)
		return open_path(d, err);
	if (b->fd >= 0)
		return b->fd;
	return err_set(err, EINVAL, "One of path and fd must be set");
}

/*
 * A second description of the file, so that lseek(2) for block status leaves
 * alone the offset of an fd that others may share. Without /proc, fd itself:
 * nothing of ours depends on the offset.
 */
static int open_status_fd(int fd)
{
	char path[32];
	int status_fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status_fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return status_fd < 0 ? fd : status_fd;
}

/* Learn what fd is, into d alone: the caller knows how to undo that. */
static int examine(struct iou_dev *d, int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "use fd %d", fd);
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_set(err, EINVAL, "The file must be a block device "
			       "or a regular file");
	d->block_device = S_ISBLK(st.st_mode);
	d->direct = flags & O_DIRECT;
	d->base.read_only = (flags & O_ACCMODE) == O_RDONLY;
	return iou_read_limits(d, fd, &st, err);
}

static bool can_poll(const struct iou_dev *d)
{
	off_t start = 0;

	if (!d->block_device)
		start = lseek(d->status_fd, 0, SEEK_DATA);
	return start >= 0 &&
	       iou_probe_polling(d->fd, ALIGN_DOWN((uint64_t)start, d->align),
				 d->align);
}

/*
 * Flags for I/O, once nothing can fail any more. With O_NONBLOCK some file
 * systems fail with EAGAIN what would have to wait. Without O_NOATIME the
 * kernel looks with each read from the page cache whether to note the time,
 * which is 6 % of a 4 KiB read; refused for other people's files.
 */
static void settle_flags(int fd, bool opened_here)
{
	int old = fcntl(fd, F_GETFL);
	int flags = old & ~O_NONBLOCK;

	if (old < 0 || (opened_here &&
			fcntl(fd, F_SETFL, flags | O_NOATIME) == 0))
		return;
	if (flags != old)
		fcntl(fd, F_SETFL, flags);
}

static int connect_device(struct blkio *b, struct err *err)
{
	struct iou_dev *d = to_ioudev(b);
	struct device_info old_info = b->info;
	bool old_read_only = b->read_only, old_direct = d->direct;
	int fd = get_fd(d, err);
	int ret;

	if (fd < 0)
		return fd;
	ret = examine(d, fd, err);
	if (ret < 0) {
		b->info = old_info;
		b->read_only = old_read_only;
		d->direct = old_direct;
		if (fd != b->fd)
			close(fd);
		return ret;
	}
	settle_flags(fd, fd != b->fd);
	b->fd = d->fd = fd;
	d->status_fd = d->block_device ? fd : open_status_fd(fd);
	b->info.supports_poll_queues = d->direct && can_poll(d);
	return 0;
}

static int start(struct blkio *b, struct err *err)
{
	struct iou_dev *d = to_ioudev(b);

	/* the command leaves the page cache to be filled again meanwhile with
	 * what is being discarded (Linux 6.18); the ioctl keeps readers out */
	if (!d->block_device)
		d->discard = IOU_DISCARD_PUNCH;
	else if (d->direct)
		d->discard = iou_probe_discard(d->fd);
	else
		d->discard = IOU_DISCARD_IOCTL;
	return 0;
}

static void destroy(struct blkio *b)
{
	struct iou_dev *d = to_ioudev(b);

	worker_pool_destroy(&d->workers);
	if (d->status_fd != d->fd)
		close(d->status_fd);
	if (d->fd >= 0)
		close(d->fd);
}

/* The core has checked the state, read-only and alignment. */
static int resize(struct blkio *b, uint64_t size, struct err *err)
{
	struct iou_dev *d = to_ioudev(b);

	if (d->block_device)
		return err_set(err, ENOTSUP, "resize: a block device has a "
			       "fixed size");
	if (size > INT64_MAX)
		return err_set(err, EINVAL, "resize: size %" PRIu64 " is above "
			       "%" PRId64, size, INT64_MAX);
	if (ftruncate(d->fd, (off_t)size) < 0)
		return err_sys(err, errno == EFBIG ? EINVAL : errno,
			       "resize to %" PRIu64 " bytes", size);
	return 0;
}

/* ---- properties ---- */

static int get_capacity(struct blkio *b, uint64_t *bytes, struct err *err)
{
	int64_t size = iou_size(to_ioudev(b)->fd);

	if (size < 0)
		return err_sys(err, (int)-size, "read the device's size");
	*bytes = (uint64_t)size;
	return 0;
}

static int set_num_entries(struct blkio *b, const struct property *p,
			   const union property_value *v, struct err *err)
{
	if (v->i <= 0)
		return err_set(err, EINVAL, "num-entries must be greater than "
			       "0, not %d", v->i);
	to_ioudev(b)->num_entries = v->i;
	return 0;
}

static int set_fixed_buffers(struct blkio *b, const struct property *p,
			     const union property_value *v, struct err *err)
{
	to_ioudev(b)->fixed_buffers = v->b;
	b->info.may_pin_mem_regions = v->b;
	return 0;
}

static const struct property props[] = {
	INSTANCE_PROPERTIES,
	SOURCE_PROPERTIES,
	INFO_PROPERTIES(PROPERTY_ALWAYS, PROPERTY_CONNECTED, 0),
	PROPERTY(BOOL, "direct", struct iou_dev, direct, PROPERTY_ALWAYS,
		 DEVICE_CREATED, NULL),
	PROPERTY(INT, "num-entries", struct iou_dev, num_entries,
		 PROPERTY_ALWAYS, DEVICE_CONNECTED, set_num_entries),
	PROPERTY(BOOL, "single-issuer", struct iou_dev, single_issuer,
		 PROPERTY_ALWAYS, DEVICE_CREATED | DEVICE_CONNECTED, NULL),
	PROPERTY(BOOL, "fixed-buffers", struct iou_dev, fixed_buffers,
		 PROPERTY_ALWAYS, DEVICE_CREATED | DEVICE_CONNECTED,
		 set_fixed_buffers),
};

const struct driver iou_driver = {
	.name = "io_uring",
	.props = props,
	.nr_props = ARRAY_SIZE(props),
	.device_size = sizeof(struct iou_dev),
	.queue_size = sizeof(struct iou_queue),
	.request_size = sizeof(struct iou_request),
	.create = create,
	.connect = connect_device,
	.start = start,
	.destroy = destroy,
	.unmap_region = iou_unmap_region,
	.resize = resize,
	.get_capacity = get_capacity,
	.queue_init = iou_queue_init,
	.queue_exit = iou_queue_exit,
	.submit = iou_submit,
	.process = iou_process,
	.do_io = iou_do_io,
	.completion_fd_changed = iou_completion_fd_changed,
};
