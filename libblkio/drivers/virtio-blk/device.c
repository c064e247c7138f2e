/* SPDX-License-Identifier: MIT */
/*
 * The virtio-blk device: from its configuration to the limits that properties
 * show and requests keep to, and the memory that all its rings are in.
 *
 * flush-needed is true wherever there is a flush: what a device says of its
 * cache (CONFIG_WCE) is left alone, for QEMU's storage daemon calls a volatile
 * cache none.
 *
 * Failure modes: a configuration that can't be, a read-only device that is to
 * be written to, no memory. Thread rule: under the instance's lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk/vblk.h"
#include "libblkio/status.h"

#define DEFAULT_QUEUE_SIZE 256
#define TABLE_MAX 1024u /* segments that servers take of one request */

int vblk_create(struct vblk_dev *d, const struct vblk_transport *transport,
		struct err *err)
{
	d->transport = transport;
	d->queue_size = DEFAULT_QUEUE_SIZE;
	d->max_queue_size = VQ_SIZE_MAX;
	d->queue_rings = 1;
	list_init(&d->queues);
	pthread_mutex_init(&d->lock, NULL);
	d->base.info = (struct device_info){
		.mem_region_alignment = 1,
		.request_alignment = VIRTIO_BLK_SECTOR_BYTES,
		.optimal_io_alignment = VIRTIO_BLK_SECTOR_BYTES,
		.buf_alignment = 1,
		.optimal_buf_alignment = 1,
		.max_segments = 1,
		.flush_needed = true,
		.supports_poll_queues = true,
		.may_pin_mem_regions = true,
		.needs_mem_regions = true,
		.needs_mem_region_fd = true,
	};
	return 0;
}

/* ---- configuration ---- */

static int decode_config(const struct vblk_dev *d, const uint8_t *buf,
			 size_t len, struct virtio_blk_config *config,
			 struct err *err)
{
	int ret = virtio_blk_config_decode(buf, len, config, err);

	if (ret == 0)
		ret = virtio_blk_config_check(config, d->features, err);
	return ret == -EBADMSG || ret == -EINVAL ? -EIO : ret;
}

static int read_config(struct vblk_dev *d, struct virtio_blk_config *config,
		       struct err *err)
{
	uint8_t buf[VIRTIO_BLK_CONFIG_LEN];
	int ret = d->transport->read_config(d, buf, sizeof(buf), err);

	return ret < 0 ? ret : decode_config(d, buf, sizeof(buf), config, err);
}

/* Requests are held against it, on other threads. */
static void set_capacity(struct vblk_dev *d, const struct virtio_blk_config *c)
{
	__atomic_store_n(&d->base.info.capacity,
			 c->capacity * VIRTIO_BLK_SECTOR_BYTES,
			 __ATOMIC_RELAXED);
}

static void set_segments(struct vblk_dev *d, const struct virtio_blk_config *c)
{
	struct device_info *info = &d->base.info;
	uint32_t seg_max = 1;
	uint64_t transfer;

	if (d->features & VIRTIO_BLK_F_SEG_MAX)
		seg_max = MIN(MAX(c->seg_max, 1u), TABLE_MAX - 2);
	info->max_segments = seg_max;
	info->max_segment_len = 0;
	if (d->features & VIRTIO_BLK_F_SIZE_MAX)
		info->max_segment_len = MIN(c->size_max, (uint32_t)INT_MAX);
	transfer = (uint64_t)info->max_segment_len * seg_max;
	info->max_transfer = MIN(transfer, (uint64_t)INT_MAX);
	d->table_segments = seg_max + 2;
}

static void set_alignment(struct vblk_dev *d, const struct virtio_blk_config *c)
{
	struct device_info *info = &d->base.info;
	int block = VIRTIO_BLK_SECTOR_BYTES;

	if (d->features & VIRTIO_BLK_F_BLK_SIZE)
		block = c->blk_size;
	info->request_alignment = info->optimal_io_alignment = block;
	info->optimal_io_size = 0;
	if (d->features & VIRTIO_BLK_F_TOPOLOGY) {
		info->optimal_io_alignment = block << c->physical_block_exp;
		info->optimal_io_size = block * c->opt_io_size;
	}
	if (d->features & VIRTIO_BLK_F_DISCARD) {
		info->discard_alignment =
			c->discard_sector_alignment * VIRTIO_BLK_SECTOR_BYTES;
		if (d->features & VIRTIO_BLK_F_TOPOLOGY)
			info->discard_alignment_offset =
				block * c->alignment_offset;
	}
}

/* One request's range: whole blocks, and no more sectors than it can say. */
static void set_range(struct vblk_dev *d, bool zeroes, uint32_t max_sectors,
		      uint64_t *limit)
{
	uint64_t block = d->base.info.request_alignment;
	uint32_t sectors = max_sectors ? max_sectors : UINT32_MAX;
	uint64_t bytes = (uint64_t)sectors * VIRTIO_BLK_SECTOR_BYTES;

	*limit = (uint64_t)max_sectors * VIRTIO_BLK_SECTOR_BYTES;
	d->max_range[zeroes] = MAX(ALIGN_DOWN(bytes, block), block);
}

static void set_info(struct vblk_dev *d, const struct virtio_blk_config *c)
{
	struct device_info *info = &d->base.info;

	set_capacity(d, c);
	info->max_queues = d->features & VIRTIO_BLK_F_MQ ? c->num_queues : 1;
	info->flush_needed = d->features & VIRTIO_BLK_F_FLUSH;
	set_segments(d, c);
	set_alignment(d, c);
	if (d->features & VIRTIO_BLK_F_DISCARD)
		set_range(d, false, c->max_discard_sectors,
			  &info->max_discard_len);
	if (d->features & VIRTIO_BLK_F_WRITE_ZEROES)
		set_range(d, true, c->max_write_zeroes_sectors,
			  &info->max_write_zeroes_len);
}

int vblk_connect(struct vblk_dev *d, struct err *err)
{
	struct virtio_blk_config config;
	int ret = read_config(d, &config, err);

	if (ret == 0)
		set_info(d, &config);
	return ret;
}

static int check_at_least(const char *what, uint64_t value, uint64_t wanted,
			  struct err *err)
{
	if (value >= wanted)
		return 0;
	return err_set(err, EIO,
		       "device has come back with %s %" PRIu64
		       ", at least %" PRIu64 " wanted",
		       what, value, wanted);
}

static uint64_t or_unlimited(int limit)
{
	return limit ? (uint64_t)limit : UINT64_MAX;
}

static int compare(const struct vblk_dev *old, const struct vblk_dev *new,
		   struct err *err)
{
	int ret = check_at_least("num-queues", new->base.info.max_queues,
				 old->base.info.max_queues, err);

	if (ret == 0)
		ret = check_at_least("max-segments", new->table_segments,
				     old->table_segments, err);
	if (ret == 0)
		ret = check_at_least(
			"max-segment-len",
			or_unlimited(new->base.info.max_segment_len),
			or_unlimited(old->base.info.max_segment_len), err);
	if (ret == 0)
		ret = check_at_least("max-discard-len", new->max_range[false],
				     old->max_range[false], err);
	if (ret == 0)
		ret = check_at_least("max-write-zeroes-len",
				     new->max_range[true], old->max_range[true],
				     err);
	if (ret == 0 &&
	    old->base.info.request_alignment % new->base.info.request_alignment)
		ret = err_set(err, EIO,
			      "device has come back with request-alignment %d, "
			      "was %d",
			      new->base.info.request_alignment,
			      old->base.info.request_alignment);
	return ret;
}

int vblk_check_successor(const struct vblk_dev *d, const uint8_t *buf,
			 size_t len, uint64_t *capacity, struct err *err)
{
	struct vblk_dev new = {.features = d->features};
	struct virtio_blk_config config;
	int ret = decode_config(d, buf, len, &config, err);

	if (ret < 0)
		return ret;
	set_info(&new, &config);
	*capacity = new.base.info.capacity;
	return compare(d, &new, err);
}

void vblk_set_capacity(struct vblk_dev *d, uint64_t bytes)
{
	__atomic_store_n(&d->base.info.capacity, bytes, __ATOMIC_RELAXED);
	status_set_capacity(&d->base, bytes);
}

int vblk_get_capacity(struct blkio *b, uint64_t *bytes, struct err *err)
{
	struct virtio_blk_config config;
	int ret = read_config(to_vblk(b), &config, err);

	if (ret == -ENOTCONN) { /* what it was, until it is back */
		*bytes = b->info.capacity;
		return 0;
	}
	if (ret < 0)
		return ret;
	set_capacity(to_vblk(b), &config);
	*bytes = config.capacity * VIRTIO_BLK_SECTOR_BYTES;
	return 0;
}

int vblk_set_queue_size(struct blkio *b, const struct property *p,
			const union property_value *v, struct err *err)
{
	if (v->i <= 0)
		return err_set(err, EINVAL,
			       "queue_size must be greater than 0, not %d",
			       v->i);
	if (!IS_POWER_OF_TWO(v->i))
		return err_set(err, EINVAL,
			       "queue_size must be a power of two, not %d",
			       v->i);
	if (v->i > (int)VQ_SIZE_MAX)
		return err_set(err, EINVAL,
			       "queue_size must be at most %u, not %d",
			       VQ_SIZE_MAX, v->i);
	to_vblk(b)->queue_size = v->i;
	return 0;
}

/* ---- rings ---- */

static void unmap_memory(struct vblk_dev *d)
{
	if (!d->rings.addr)
		return;
	munmap(d->rings.addr, d->rings.len);
	close(d->rings.fd);
	d->rings = (struct blkio_mem_region){.addr = NULL};
}

static int map_memory(struct vblk_dev *d, size_t len, struct err *err)
{
	int fd = memfd_create("libblkio-rings", MFD_CLOEXEC), ret;
	void *addr;

	if (fd < 0)
		return err_sys(err, errno, "memfd_create");
	addr = ftruncate(fd, len) < 0 ? MAP_FAILED
				      : mmap(NULL, len, PROT_READ | PROT_WRITE,
					     MAP_SHARED, fd, 0);
	if (addr == MAP_FAILED) {
		ret = err_sys(err, errno, "%zu bytes for rings", len);
		close(fd);
		return ret;
	}
	d->rings =
		(struct blkio_mem_region){.addr = addr, .len = len, .fd = fd};
	return 0;
}

/* A chain without a table takes a ring entry for each of its segments. */
static int least_queue_size(const struct vblk_dev *d)
{
	return d->features & VIRTIO_F_INDIRECT_DESC ? 1 : 4;
}

/* The wanted size, or half of it, or half of that: as the device takes it. */
static int fit_queue_size(struct vblk_dev *d, struct err *err)
{
	int size = d->queue_size, ret;

	ret = d->transport->try_queue_size(d, size, err);
	while (ret == -ERANGE && size / 2 >= least_queue_size(d)) {
		size /= 2;
		ret = d->transport->try_queue_size(d, size, err);
	}
	if (ret == 0)
		d->queue_size = size;
	if (ret == -ENOTCONN) /* it will have to, when it is back */
		return 0;
	return ret == -ERANGE ? -EIO : ret;
}

static int fit_segments(struct vblk_dev *d, struct err *err)
{
	int most = d->features & VIRTIO_F_INDIRECT_DESC ? INT_MAX
							: d->queue_size - 2;

	if (d->queue_size < least_queue_size(d))
		return err_set(err, EINVAL,
			       "queue-size %d: at least %d wanted by a device "
			       "without indirect descriptors",
			       d->queue_size, least_queue_size(d));
	d->base.info.max_segments = MIN((int)d->table_segments - 2, most);
	return 0;
}

static int make_rings(struct vblk_dev *d, struct err *err)
{
	const struct blkio *b = &d->base;
	struct vq_driver_layout layout;
	int ret = vblk_queue_bytes(d, &layout, &d->queue_bytes, err);

	if (ret == 0)
		ret = map_memory(d,
				 d->queue_bytes * d->queue_rings *
					 (b->num_queues + b->num_poll_queues),
				 err);
	if (ret < 0)
		return ret;
	ret = d->transport->map_rings(d, err);
	if (ret < 0)
		unmap_memory(d);
	return ret;
}

int vblk_start(struct blkio *b, struct err *err)
{
	struct vblk_dev *d = to_vblk(b);
	int ret;

	if (d->features & VIRTIO_BLK_F_RO && !b->read_only)
		return err_set(err, EROFS, "Device is read-only");
	if (d->rings.addr) { /* of a start whose queues failed */
		d->transport->unmap_rings(d);
		unmap_memory(d);
	}
	d->next_queue = 0;
	ret = fit_queue_size(d, err);
	if (ret == 0)
		ret = fit_segments(d, err);
	return ret < 0 ? ret : make_rings(d, err);
}

void vblk_destroy(struct vblk_dev *d)
{
	unmap_memory(d);
	pthread_mutex_destroy(&d->lock);
}
