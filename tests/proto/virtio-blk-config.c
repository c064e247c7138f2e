/* SPDX-License-Identifier: MIT */
/* The configuration space has each field at its place, little-endian, whole
 * or in slices; a shorter one leaves the fields behind its end 0. */
#include <errno.h>

#include "proto/virtio_blk.h"
#include "tests/check.h"

static const struct virtio_blk_config config = {
	.capacity = 0x0706050403020100,
	.size_max = 0x0b0a0908,
	.seg_max = 0x0f0e0d0c,
	.cylinders = 0x1110,
	.heads = 0x12,
	.sectors = 0x13,
	.blk_size = 0x17161514,
	.physical_block_exp = 0x18,
	.alignment_offset = 0x19,
	.min_io_size = 0x1b1a,
	.opt_io_size = 0x1f1e1d1c,
	.writeback = 0x20,
	/* 0x21 is unused */
	.num_queues = 0x2322,
	.max_discard_sectors = 0x27262524,
	.max_discard_seg = 0x2b2a2928,
	.discard_sector_alignment = 0x2f2e2d2c,
	.max_write_zeroes_sectors = 0x33323130,
	.max_write_zeroes_seg = 0x37363534,
	.write_zeroes_may_unmap = 0x38,
	/* 0x39 to 0x3b are unused */
};

/* each byte holds its own offset */
static uint8_t byte_at(size_t i)
{
	return i == 0x21 || i > 0x38 ? 0 : i;
}

static void slices(void)
{
	for (size_t from = 0; from <= 100; from++) {
		for (size_t len = 0; len <= 100; len++) {
			uint8_t *buf = malloc(len + 1);

			check(buf);
			buf[len] = 0xaa;
			virtio_blk_config_encode(&config, from, buf, len);
			for (size_t i = 0; i < len; i++)
				check_int(buf[i], byte_at(from + i));
			check_int(buf[len], 0xaa);
			free(buf);
		}
	}
}

static void far(void)
{
	uint8_t buf[4] = {1, 2, 3, 4};

	virtio_blk_config_encode(&config, UINT32_MAX, buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		check_int(buf[i], 0);
}

/* A field that is cut is 0; what is there is encoded as it was. */
static void shorter(size_t len)
{
	uint8_t *buf = calloc(1, len), again[VIRTIO_BLK_CONFIG_LEN];
	struct virtio_blk_config got;
	struct err err = ERR_INIT;
	int ret;

	check(len == 0 || buf);
	for (size_t i = 0; i < len; i++)
		buf[i] = i;
	ret = virtio_blk_config_decode(buf, len, &got, &err);
	free(buf);
	if (len < 8) {
		check_int(ret, -EBADMSG);
		check_contains(err.text, "at least 8 wanted");
		return;
	}
	check_int(ret, 0);
	check(got.capacity == config.capacity);
	check_int(got.size_max, len >= 12 ? 0x0b0a0908 : 0);
	check_int(got.blk_size, len >= 24 ? 0x17161514 : 0);
	check_int(got.physical_block_exp, len >= 25 ? 0x18 : 0);
	check_int(got.num_queues, len >= 36 ? 0x2322 : 0);
	check_int(got.max_write_zeroes_seg, len >= 56 ? 0x37363534 : 0);
	virtio_blk_config_encode(&got, 0, again, sizeof(again));
	for (size_t i = 0; i < sizeof(again); i++)
		check(again[i] == 0 || (i < len && again[i] == byte_at(i)));
	for (size_t i = len - len % 8; len >= 60 && i < 60; i++)
		check_int(again[i], byte_at(i));
}

static void whole(void)
{
	uint8_t buf[VIRTIO_BLK_CONFIG_LEN];
	struct virtio_blk_config got;

	virtio_blk_config_encode(&config, 0, buf, sizeof(buf));
	check_int(virtio_blk_config_decode(buf, sizeof(buf), &got, NULL), 0);
	check(!memcmp(
		&got, &config,
		offsetof(struct virtio_blk_config, write_zeroes_may_unmap) +
			1));
}

int main(void)
{
	slices();
	far();
	whole();
	for (size_t len = 0; len <= 100; len++)
		shorter(len);
	return 0;
}
