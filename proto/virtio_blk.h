/* SPDX-License-Identifier: MIT */
/*
 * The virtio block device: features, configuration space, and what is in the
 * buffers of a request. Sections are those of "Block Device" in the virtio
 * specification. Everything is little-endian there; the structures here are
 * in the host's order, decoded from and encoded into bytes. Zoned devices,
 * secure erase and lifetime are known as bits only. Ring features and
 * VIRTIO_F_VERSION_1 are with the virtqueues.
 *
 * Failure modes: a configuration that can't be is refused, with text. Numbers
 * in requests are as they came: ranges, lengths and limits are the caller's
 * to check. Threads: any; pure functions.
 */
#ifndef PROTO_VIRTIO_BLK_H
#define PROTO_VIRTIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "util/err.h"

#define VIRTIO_BLK_SECTOR_BYTES 512u /* of all that is counted in sectors */

/* Feature bits */
#define VIRTIO_BLK_F_SIZE_MAX (UINT64_C(1) << 1)
#define VIRTIO_BLK_F_SEG_MAX (UINT64_C(1) << 2)
#define VIRTIO_BLK_F_GEOMETRY (UINT64_C(1) << 4)
#define VIRTIO_BLK_F_RO (UINT64_C(1) << 5)
#define VIRTIO_BLK_F_BLK_SIZE (UINT64_C(1) << 6)
#define VIRTIO_BLK_F_FLUSH (UINT64_C(1) << 9)
#define VIRTIO_BLK_F_TOPOLOGY (UINT64_C(1) << 10)
#define VIRTIO_BLK_F_CONFIG_WCE (UINT64_C(1) << 11)
#define VIRTIO_BLK_F_MQ (UINT64_C(1) << 12)
#define VIRTIO_BLK_F_DISCARD (UINT64_C(1) << 13)
#define VIRTIO_BLK_F_WRITE_ZEROES (UINT64_C(1) << 14)
#define VIRTIO_BLK_F_LIFETIME (UINT64_C(1) << 15)
#define VIRTIO_BLK_F_SECURE_ERASE (UINT64_C(1) << 16)
#define VIRTIO_BLK_F_ZONED (UINT64_C(1) << 17)

/* ---- Device configuration layout ---- */

#define VIRTIO_BLK_CONFIG_LEN 60	      /* up to write zeroes */
#define VIRTIO_BLK_CONFIG_LEN_MIN 8	      /* capacity is always there */
#define VIRTIO_BLK_CONFIG_OFFSET_WRITEBACK 32 /* one byte, the writable one */

struct virtio_blk_config {
	uint64_t capacity; /* sectors */
	uint32_t size_max; /* bytes of a segment; 0: the device doesn't say */
	uint32_t seg_max;  /* data segments of a request; 0: as above */
	uint16_t cylinders;
	uint8_t heads;
	uint8_t sectors;
	uint32_t blk_size;	    /* bytes: a logical block */
	uint8_t physical_block_exp; /* log2 of logical per physical blocks */
	uint8_t alignment_offset;   /* logical blocks before an aligned one */
	uint16_t min_io_size;	    /* logical blocks; 0: not told */
	uint32_t opt_io_size;	    /* logical blocks; 0: not told */
	uint8_t writeback;	    /* 0: writes are stable when completed */
	uint16_t num_queues;
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
};

/*
 * From the first len bytes of the configuration space; fields behind those
 * are 0. -EBADMSG: too short for the capacity.
 */
int virtio_blk_config_decode(const uint8_t *buf, size_t len,
			     struct virtio_blk_config *config, struct err *err);

/*
 * Bytes offset to offset + len of the configuration space into buf; what is
 * behind VIRTIO_BLK_CONFIG_LEN is 0. Every field is written, of features that
 * are not offered too.
 */
void virtio_blk_config_encode(const struct virtio_blk_config *config,
			      uint32_t offset, uint8_t *buf, size_t len);

/*
 * Can a device with these features be like that? Fields whose feature is not
 * among them don't matter. -EINVAL: more bytes than an off_t holds, a block
 * size that is no power of two from 512 to what an int holds, no queues.
 *
 * A bad hint is no reason to do without the disk: of alignments and sizes of
 * I/O, what is more bytes than an int holds (the library's properties are
 * ints), and an offset that is not below the physical block, becomes 0.
 */
int virtio_blk_config_check(struct virtio_blk_config *config, uint64_t features,
			    struct err *err);

/*
 * A write of data to the configuration space, by a driver with these features
 * negotiated: sets *writeback to 0 or 1. -EINVAL: not all of it is writable;
 * another value.
 */
int virtio_blk_config_write(uint64_t features, uint32_t offset,
			    const uint8_t *data, size_t len, uint8_t *writeback,
			    struct err *err);

/* ---- Device Operation ---- */

#define VIRTIO_BLK_REQUEST_LEN 16 /* then data; or data, first, for reads */
#define VIRTIO_BLK_STATUS_LEN 1
#define VIRTIO_BLK_ID_LEN 20 /* ASCII, padded with NULs, not terminated */
#define VIRTIO_BLK_SEGMENT_LEN 16

enum virtio_blk_type {
	VIRTIO_BLK_T_IN = 0,
	VIRTIO_BLK_T_OUT = 1,
	VIRTIO_BLK_T_FLUSH = 4,
	VIRTIO_BLK_T_GET_ID = 8,
	VIRTIO_BLK_T_DISCARD = 11,
	VIRTIO_BLK_T_WRITE_ZEROES = 13,
};

enum virtio_blk_status {
	VIRTIO_BLK_S_OK = 0,
	VIRTIO_BLK_S_IOERR = 1,
	VIRTIO_BLK_S_UNSUPP = 2,
	/* not of the specification: what we put there to see it written */
	VIRTIO_BLK_S_NONE = 0xff,
};

struct virtio_blk_request {
	uint32_t type;	 /* enum virtio_blk_type, or unknown */
	uint64_t sector; /* of reads and writes, else 0 */
};

/* buf: VIRTIO_BLK_REQUEST_LEN */
static inline void
virtio_blk_request_encode(uint8_t *buf,
			  const struct virtio_blk_request *request)
{
	const uint64_t words[] = {htole64(request->type),
				  htole64(request->sector)};

	memcpy(buf, words, sizeof(words));
}

void virtio_blk_request_decode(const uint8_t buf[VIRTIO_BLK_REQUEST_LEN],
			       struct virtio_blk_request *request);

#define VIRTIO_BLK_SEGMENT_UNMAP (1u << 0)

/* The data of discard and write zeroes: one or more */
struct virtio_blk_segment {
	uint64_t sector;
	uint32_t num_sectors;
	uint32_t flags; /* VIRTIO_BLK_SEGMENT_UNMAP, or unknown */
};

/* buf: VIRTIO_BLK_SEGMENT_LEN */
void virtio_blk_segment_encode(uint8_t *buf,
			       const struct virtio_blk_segment *segment);
void virtio_blk_segment_decode(const uint8_t buf[VIRTIO_BLK_SEGMENT_LEN],
			       struct virtio_blk_segment *segment);

/* What a driver makes of a status: 0, -EIO, -ENOTSUP, else -EPROTO. */
int virtio_blk_status_to_errno(uint8_t status);

/* What a device makes of 0 or a negative errno. */
enum virtio_blk_status virtio_blk_status_from_errno(int negative_errno);

#endif
