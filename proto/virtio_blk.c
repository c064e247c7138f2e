/* SPDX-License-Identifier: MIT */
/*
 * The virtio block device: see virtio_blk.h. The configuration space is a
 * table of fields, walked for decoding and for encoding. No state.
 */
#include "proto/virtio_blk.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "util/compiler.h"

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static void put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

/* ---- Device configuration layout ---- */

static const struct field {
	uint8_t at;   /* in configuration space */
	uint8_t size; /* there, and of the member: 1, 2, 4 or 8 */
	uint8_t member;
} fields[] = {
#define FIELD(at, name)                                            \
	{                                                          \
		at, sizeof(((struct virtio_blk_config *)0)->name), \
			offsetof(struct virtio_blk_config, name)   \
	}
	FIELD(0, capacity),
	FIELD(8, size_max),
	FIELD(12, seg_max),
	FIELD(16, cylinders),
	FIELD(18, heads),
	FIELD(19, sectors),
	FIELD(20, blk_size),
	FIELD(24, physical_block_exp),
	FIELD(25, alignment_offset),
	FIELD(26, min_io_size),
	FIELD(28, opt_io_size),
	FIELD(VIRTIO_BLK_CONFIG_OFFSET_WRITEBACK, writeback),
	FIELD(34, num_queues),
	FIELD(36, max_discard_sectors),
	FIELD(40, max_discard_seg),
	FIELD(44, discard_sector_alignment),
	FIELD(48, max_write_zeroes_sectors),
	FIELD(52, max_write_zeroes_seg),
	FIELD(56, write_zeroes_may_unmap),
#undef FIELD
};

/* From little-endian to the host's order, or the other way: the same swap. */
static void copy_swapped(uint8_t *to, const uint8_t *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[__BYTE_ORDER == __LITTLE_ENDIAN ? i
							     : size - 1 - i];
}

int virtio_blk_config_decode(const uint8_t *buf, size_t len,
			     struct virtio_blk_config *config, struct err *err)
{
	if (len < VIRTIO_BLK_CONFIG_LEN_MIN)
		return err_set(err, EBADMSG,
			       "configuration space of %zu bytes, at least %u "
			       "wanted",
			       len, VIRTIO_BLK_CONFIG_LEN_MIN);
	*config = (struct virtio_blk_config){0};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		if ((size_t)f->at + f->size <= len)
			copy_swapped((uint8_t *)config + f->member, buf + f->at,
				     f->size);
	}
	return 0;
}

void virtio_blk_config_encode(const struct virtio_blk_config *config,
			      uint32_t offset, uint8_t *buf, size_t len)
{
	uint8_t space[VIRTIO_BLK_CONFIG_LEN] = {0};
	size_t there = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		copy_swapped(space + f->at, (const uint8_t *)config + f->member,
			     f->size);
	}
	if (offset < sizeof(space))
		there = MIN(len, sizeof(space) - offset);
	if (there > 0)
		memcpy(buf, space + offset, there);
	if (len > there)
		memset(buf + there, 0, len - there);
}

/* What can't be said in bytes, or isn't where it should be, is not told. */
static void drop_bad_hints(struct virtio_blk_config *config, uint32_t blk_size)
{
	uint32_t max_blocks = INT_MAX / blk_size;

	if (config->physical_block_exp > 31 ||
	    UINT32_C(1) << config->physical_block_exp > max_blocks)
		config->physical_block_exp = 0;
	if (config->alignment_offset >=
	    UINT32_C(1) << config->physical_block_exp)
		config->alignment_offset = 0;
	if (config->min_io_size > max_blocks)
		config->min_io_size = 0;
	if (config->opt_io_size > max_blocks)
		config->opt_io_size = 0;
	if (config->discard_sector_alignment >
	    INT_MAX / VIRTIO_BLK_SECTOR_BYTES)
		config->discard_sector_alignment = 0;
}

int virtio_blk_config_check(struct virtio_blk_config *config, uint64_t features,
			    struct err *err)
{
	uint64_t max_sectors = INT64_MAX / VIRTIO_BLK_SECTOR_BYTES;
	uint32_t blk_size = VIRTIO_BLK_SECTOR_BYTES;

	if (config->capacity > max_sectors)
		return err_set(err, EINVAL,
			       "device's capacity: %" PRIu64
			       " sectors, at most %" PRIu64 " wanted",
			       config->capacity, max_sectors);
	if (features & VIRTIO_BLK_F_BLK_SIZE) {
		blk_size = config->blk_size;
		if (blk_size < VIRTIO_BLK_SECTOR_BYTES || blk_size > INT_MAX ||
		    !IS_POWER_OF_TWO(blk_size))
			return err_set(err, EINVAL,
				       "device's block size: %" PRIu32
				       ", a power of two of at least %u wanted",
				       blk_size, VIRTIO_BLK_SECTOR_BYTES);
	}
	if ((features & VIRTIO_BLK_F_MQ) && config->num_queues == 0)
		return err_set(err, EINVAL,
			       "device's queues: 0, at least 1 wanted");
	drop_bad_hints(config, blk_size);
	return 0;
}

int virtio_blk_config_write(uint64_t features, uint32_t offset,
			    const uint8_t *data, size_t len, uint8_t *writeback,
			    struct err *err)
{
	if (!(features & VIRTIO_BLK_F_CONFIG_WCE) ||
	    offset != VIRTIO_BLK_CONFIG_OFFSET_WRITEBACK || len != 1)
		return err_set(err, EINVAL,
			       "driver writes %zu bytes at %" PRIu32
			       " of configuration space, %s is writable",
			       len, offset,
			       features & VIRTIO_BLK_F_CONFIG_WCE
				       ? "only writeback"
				       : "nothing");
	if (data[0] > 1)
		return err_set(err, EINVAL,
			       "driver sets writeback to %u, 0 or 1 wanted",
			       data[0]);
	*writeback = data[0];
	return 0;
}

/* ---- Device Operation ---- */

void virtio_blk_request_decode(const uint8_t buf[VIRTIO_BLK_REQUEST_LEN],
			       struct virtio_blk_request *request)
{
	request->type = get32(buf);
	request->sector = get64(buf + 8);
}

void virtio_blk_segment_encode(uint8_t *buf,
			       const struct virtio_blk_segment *segment)
{
	put64(buf, segment->sector);
	put32(buf + 8, segment->num_sectors);
	put32(buf + 12, segment->flags);
}

void virtio_blk_segment_decode(const uint8_t buf[VIRTIO_BLK_SEGMENT_LEN],
			       struct virtio_blk_segment *segment)
{
	segment->sector = get64(buf);
	segment->num_sectors = get32(buf + 8);
	segment->flags = get32(buf + 12);
}

int virtio_blk_status_to_errno(uint8_t status)
{
	switch (status) {
	case VIRTIO_BLK_S_OK:
		return 0;
	case VIRTIO_BLK_S_IOERR:
		return -EIO;
	case VIRTIO_BLK_S_UNSUPP:
		return -ENOTSUP;
	}
	return -EPROTO;
}

enum virtio_blk_status virtio_blk_status_from_errno(int negative_errno)
{
	if (negative_errno >= 0)
		return VIRTIO_BLK_S_OK;
	if (negative_errno == -ENOTSUP)
		return VIRTIO_BLK_S_UNSUPP;
	return VIRTIO_BLK_S_IOERR;
}
