/* SPDX-License-Identifier: MIT */
/* Request header and segment have their fields where the specification has
 * them, little-endian, and back; each status has its errno. */
#include <errno.h>

#include "proto/virtio_blk.h"
#include "tests/check.h"

static void header(void)
{
	struct virtio_blk_request request = {.type = 0x0d0c0b0a,
					     .sector = 0x0807060504030201},
				  got;
	uint8_t buf[VIRTIO_BLK_REQUEST_LEN];

	memset(buf, 0xff, sizeof(buf));
	virtio_blk_request_encode(buf, &request);
	check(!memcmp(buf, "\x0a\x0b\x0c\x0d\0\0\0\0\1\2\3\4\5\6\7\x08", 16));
	memset(buf + 4, 0x77, 4); /* reserved: no matter */
	virtio_blk_request_decode(buf, &got);
	check_int(got.type, request.type);
	check_int(got.sector, request.sector);
}

static void segment(void)
{
	struct virtio_blk_segment segment = {.sector = 0x0807060504030201,
					     .num_sectors = 0x0d0c0b0a,
					     .flags = VIRTIO_BLK_SEGMENT_UNMAP},
				  got;
	uint8_t buf[VIRTIO_BLK_SEGMENT_LEN];

	memset(buf, 0xff, sizeof(buf));
	virtio_blk_segment_encode(buf, &segment);
	check(!memcmp(buf, "\1\2\3\4\5\6\7\x08\x0a\x0b\x0c\x0d\1\0\0\0", 16));
	virtio_blk_segment_decode(buf, &got);
	check_int(got.sector, segment.sector);
	check_int(got.num_sectors, segment.num_sectors);
	check_int(got.flags, 1);
}

static void status(void)
{
	check_int(virtio_blk_status_to_errno(0), 0);
	check_int(virtio_blk_status_to_errno(1), -EIO);
	check_int(virtio_blk_status_to_errno(2), -ENOTSUP);
	for (int s = 3; s < 256; s++)
		check_int(virtio_blk_status_to_errno(s), -EPROTO);
	check_int(virtio_blk_status_from_errno(0), VIRTIO_BLK_S_OK);
	check_int(virtio_blk_status_from_errno(-ENOTSUP), VIRTIO_BLK_S_UNSUPP);
	check_int(virtio_blk_status_from_errno(-EIO), VIRTIO_BLK_S_IOERR);
	check_int(virtio_blk_status_from_errno(-ENOSPC), VIRTIO_BLK_S_IOERR);
}

int main(void)
{
	header();
	segment();
	status();
	return 0;
}
