/* SPDX-License-Identifier: MIT */
/*
 * The virtio block device on a node: see handler.h. What a driver may ask is
 * checked here, ranges and alignment of the data path in block/.
 *
 * Everything of a request but its data is copied out of the driver's memory
 * once, since it can change there at any time.
 *
 * Failure modes: the node's errors become a status. Writes are durable when
 * done unless the driver has a way to flush, and has not asked for write
 * through. Threads: see handler.h.
 */
#include "export/virtio-blk/handler.h"

#include <errno.h>
#include <string.h>

#include "block/node.h"
#include "util/iov.h"

/* 2 GiB in a segment of discard or write zeroes: what the field offers. */
#define RANGE_SECTORS_MAX (UINT32_C(1) << 22)

/* Segments in a request of these. */
#define RANGES_MAX 16u

/* ---- features and configuration ---- */

static uint64_t features_of(bool read_only)
{
	uint64_t features = VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_BLK_SIZE |
			    VIRTIO_BLK_F_FLUSH | VIRTIO_BLK_F_TOPOLOGY |
			    VIRTIO_BLK_F_CONFIG_WCE | VIRTIO_BLK_F_MQ;

	if (read_only)
		return features | VIRTIO_BLK_F_RO;
	return features | VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_WRITE_ZEROES;
}

static void config_fill(struct virtio_blk_config *c,
			const struct node_limits *limits)
{
	uint32_t block =
		MAX(limits->request_alignment, VIRTIO_BLK_SECTOR_BYTES);
	uint32_t physical = limits->optimal_io_alignment;

	c->seg_max = VBLK_SEG_MAX;
	c->blk_size = block;
	if (physical > block && IS_POWER_OF_TWO(physical))
		c->physical_block_exp = __builtin_ctz(physical / block);
	c->min_io_size = 1;
	c->opt_io_size = limits->optimal_io_size / block;
	c->max_discard_sectors = RANGE_SECTORS_MAX;
	c->max_discard_seg = RANGES_MAX;
	c->discard_sector_alignment =
		MAX(limits->discard_alignment, block) / VIRTIO_BLK_SECTOR_BYTES;
	c->max_write_zeroes_sectors = RANGE_SECTORS_MAX;
	c->max_write_zeroes_seg = RANGES_MAX;
	c->write_zeroes_may_unmap = 1;
}

int vblk_init(struct vblk_device *dev, const struct vblk_config *config,
	      struct err *err)
{
	const char *serial = config->serial ? config->serial : "";
	size_t len = strlen(serial);

	if (len > VIRTIO_BLK_ID_LEN)
		return err_set(err, EINVAL,
			       "serial \"%.40s\": %zu bytes, at most %d wanted",
			       serial, len, VIRTIO_BLK_ID_LEN);
	*dev = (struct vblk_device){
		.node = config->node,
		.read_only = config->read_only || node_read_only(config->node),
		.config.num_queues = config->num_queues,
	};
	dev->features = features_of(dev->read_only);
	memcpy(dev->serial, serial, len);
	config_fill(&dev->config, node_limits(dev->node));
	vblk_reset(dev);
	return 0;
}

void vblk_reset(struct vblk_device *dev)
{
	atomic_store(&dev->writeback, true);
}

static uint64_t capacity(const struct vblk_device *dev)
{
	return node_size(dev->node) / VIRTIO_BLK_SECTOR_BYTES;
}

void vblk_config_read(struct vblk_device *dev, uint32_t offset, uint8_t *buf,
		      size_t len)
{
	struct virtio_blk_config config = dev->config;

	config.capacity = capacity(dev);
	config.writeback = atomic_load(&dev->writeback);
	virtio_blk_config_encode(&config, offset, buf, len);
}

int vblk_config_write(struct vblk_device *dev, uint64_t features,
		      uint32_t offset, const uint8_t *data, size_t len,
		      struct err *err)
{
	uint8_t writeback;
	int ret = virtio_blk_config_write(features, offset, data, len,
					  &writeback, err);

	if (ret == 0)
		atomic_store(&dev->writeback, writeback);
	return ret;
}

/* ---- requests: in and out ---- */

int vblk_parse(struct vblk_request *req, struct iovec *iov, int nr_readable,
	       int nr_writable, struct err *err)
{
	uint8_t head[VIRTIO_BLK_REQUEST_LEN];
	struct iovec *last;
	size_t len = iov_to_buf(iov, nr_readable, 0, head, sizeof(head));

	if (len < sizeof(head) || nr_writable == 0)
		return err_set(err, EINVAL,
			       "request has %zu bytes of header and %d buffers "
			       "to write to, %zu bytes and a status wanted",
			       len, nr_writable, sizeof(head));
	virtio_blk_request_decode(head, &req->head);
	req->in = iov + nr_readable;
	req->nr_in = nr_writable;
	req->out = iov;
	req->nr_out = nr_readable;
	iov_advance(&req->out, &req->nr_out, sizeof(head));
	/* the last byte of all, wherever the data ends */
	last = &req->in[nr_writable - 1];
	last->iov_len--;
	req->status = (uint8_t *)last->iov_base + last->iov_len;
	if (last->iov_len == 0)
		req->nr_in--;
	req->out_bytes = iov_size(req->out, req->nr_out);
	req->in_bytes = iov_size(req->in, req->nr_in);
	return 0;
}

static uint32_t end(struct vblk_request *req, int ret)
{
	*req->status = virtio_blk_status_from_errno(ret);
	return (uint32_t)req->in_bytes + VIRTIO_BLK_STATUS_LEN;
}

uint32_t vblk_fail(struct vblk_request *req)
{
	return end(req, -EIO);
}

/* ---- requests: what they do ---- */

/* Must a write be durable when it is done? */
static unsigned fua_of(struct vblk_device *dev, uint64_t features)
{
	bool writeback = features & VIRTIO_BLK_F_CONFIG_WCE
				 ? atomic_load(&dev->writeback)
				 : features & VIRTIO_BLK_F_FLUSH;

	return writeback ? 0 : NODE_REQ_FUA;
}

/* Whole sectors, within the disk? */
static bool in_range(const struct vblk_device *dev, uint64_t sector,
		     uint64_t bytes)
{
	uint64_t sectors = capacity(dev);

	return bytes % VIRTIO_BLK_SECTOR_BYTES == 0 && sector <= sectors &&
	       bytes / VIRTIO_BLK_SECTOR_BYTES <= sectors - sector;
}

static int co_read(struct vblk_device *dev, struct vblk_request *req)
{
	if (!in_range(dev, req->head.sector, req->in_bytes))
		return -EIO;
	if (req->in_bytes == 0)
		return 0;
	return node_co_preadv(dev->node,
			      req->head.sector * VIRTIO_BLK_SECTOR_BYTES,
			      req->in, req->nr_in, 0);
}

static int co_write(struct vblk_device *dev, uint64_t features,
		    struct vblk_request *req)
{
	if (dev->read_only || !in_range(dev, req->head.sector, req->out_bytes))
		return -EIO;
	if (req->out_bytes == 0)
		return 0;
	return node_co_pwritev(dev->node,
			       req->head.sector * VIRTIO_BLK_SECTOR_BYTES,
			       req->out, req->nr_out, fua_of(dev, features));
}

static int get_id(struct vblk_device *dev, struct vblk_request *req)
{
	size_t len = MIN(req->in_bytes, sizeof(dev->serial));

	iov_from_buf(req->in, req->nr_in, 0, dev->serial, len);
	iov_zero(req->in, req->nr_in, len, req->in_bytes - len);
	return 0;
}

/* One segment of discard or write zeroes. */
static int co_range(struct vblk_device *dev, uint64_t features, uint32_t type,
		    const struct virtio_blk_segment *seg)
{
	uint64_t bytes = (uint64_t)seg->num_sectors * VIRTIO_BLK_SECTOR_BYTES;
	uint64_t offset = seg->sector * VIRTIO_BLK_SECTOR_BYTES;
	unsigned flags = fua_of(dev, features);

	if (bytes == 0)
		return 0;
	if (type == VIRTIO_BLK_T_WRITE_ZEROES) {
		if (seg->flags & VIRTIO_BLK_SEGMENT_UNMAP)
			flags |= NODE_REQ_MAY_UNMAP;
		return node_co_write_zeroes(dev->node, offset, bytes, flags);
	}
	return node_co_discard(dev->node, offset, bytes);
}

static int check_range(const struct vblk_device *dev, uint32_t type,
		       const struct virtio_blk_segment *seg)
{
	uint32_t flags = type == VIRTIO_BLK_T_WRITE_ZEROES
				 ? VIRTIO_BLK_SEGMENT_UNMAP
				 : 0;

	if (seg->flags & ~flags)
		return -ENOTSUP;
	if (seg->num_sectors > RANGE_SECTORS_MAX ||
	    !in_range(dev, seg->sector,
		      (uint64_t)seg->num_sectors * VIRTIO_BLK_SECTOR_BYTES))
		return -EIO;
	return 0;
}

/* All segments are checked before the first is done. */
static int co_ranges(struct vblk_device *dev, uint64_t features,
		     struct vblk_request *req)
{
	uint32_t nr = req->out_bytes / VIRTIO_BLK_SEGMENT_LEN;
	struct virtio_blk_segment segs[RANGES_MAX];
	int ret = 0;

	if (dev->read_only || nr == 0 || nr > RANGES_MAX ||
	    req->out_bytes % VIRTIO_BLK_SEGMENT_LEN != 0)
		return -EIO;
	for (uint32_t i = 0; ret == 0 && i < nr; i++) {
		uint8_t buf[VIRTIO_BLK_SEGMENT_LEN];

		iov_to_buf(req->out, req->nr_out, i * sizeof(buf), buf,
			   sizeof(buf));
		virtio_blk_segment_decode(buf, &segs[i]);
		ret = check_range(dev, req->head.type, &segs[i]);
	}
	for (uint32_t i = 0; ret == 0 && i < nr; i++)
		ret = co_range(dev, features, req->head.type, &segs[i]);
	return ret;
}

static int co_run(struct vblk_device *dev, uint64_t features,
		  struct vblk_request *req)
{
	switch (req->head.type) {
	case VIRTIO_BLK_T_IN:
		return co_read(dev, req);
	case VIRTIO_BLK_T_OUT:
		return co_write(dev, features, req);
	case VIRTIO_BLK_T_FLUSH:
		return node_co_flush(dev->node);
	case VIRTIO_BLK_T_GET_ID:
		return get_id(dev, req);
	case VIRTIO_BLK_T_DISCARD:
		if (!(dev->features & VIRTIO_BLK_F_DISCARD))
			return -ENOTSUP;
		return co_ranges(dev, features, req);
	case VIRTIO_BLK_T_WRITE_ZEROES:
		if (!(dev->features & VIRTIO_BLK_F_WRITE_ZEROES))
			return -ENOTSUP;
		return co_ranges(dev, features, req);
	}
	return -ENOTSUP;
}

uint32_t co_vblk_run(struct vblk_device *dev, uint64_t features,
		     struct vblk_request *req)
{
	int ret = co_run(dev, features, req);

	/* a device that can't is an error here: who asks, was offered it */
	if (ret == -ENOTSUP && (req->head.type == VIRTIO_BLK_T_IN ||
				req->head.type == VIRTIO_BLK_T_OUT))
		ret = -EIO;
	return end(req, ret);
}
