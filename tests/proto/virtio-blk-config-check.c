/* SPDX-License-Identifier: MIT */
/* A configuration that can't be is refused, the one next to it is taken;
 * fields of features that are not there don't matter; bad hints are dropped,
 * the ones next to them kept. */
#include <errno.h>
#include <limits.h>

#include "proto/virtio_blk.h"
#include "tests/check.h"

#define TOPOLOGY VIRTIO_BLK_F_TOPOLOGY
#define BLK_SIZE VIRTIO_BLK_F_BLK_SIZE

static int try(uint64_t features, const char *text,
	       struct virtio_blk_config config)
{
	struct err err = ERR_INIT;
	int ret = virtio_blk_config_check(&config, features, &err);

	if (ret < 0)
		check_contains(err.text, "device's");
	check_contains(err.text, text);
	/* without its feature, a field may be anything */
	if (strcmp(text, "capacity") != 0)
		check_int(virtio_blk_config_check(&config, 0, NULL), 0);
	return ret;
}

#define TRY(features, text, ...) \
	try(features, text, (struct virtio_blk_config){__VA_ARGS__})

static void sizes(void)
{
	check_int(TRY(0, ""), 0);
	check_int(TRY(0, "", .capacity = INT64_MAX / 512), 0);
	check_int(TRY(0, "capacity", .capacity = INT64_MAX / 512 + 1), -EINVAL);
	check_int(TRY(0, "capacity", .capacity = UINT64_MAX), -EINVAL);

	check_int(TRY(BLK_SIZE, "block size: 0"), -EINVAL);
	check_int(TRY(BLK_SIZE, "256", .blk_size = 256), -EINVAL);
	check_int(TRY(BLK_SIZE, "", .blk_size = 512), 0);
	check_int(TRY(BLK_SIZE, "513", .blk_size = 513), -EINVAL);
	check_int(TRY(BLK_SIZE, "1536", .blk_size = 1536), -EINVAL);
	check_int(TRY(BLK_SIZE, "", .blk_size = 4096), 0);
	check_int(TRY(BLK_SIZE, "", .blk_size = 1u << 30), 0);
	check_int(TRY(BLK_SIZE, "block size", .blk_size = 1u << 31), -EINVAL);
	check_int(TRY(BLK_SIZE, "block size", .blk_size = UINT32_MAX), -EINVAL);
}

static struct virtio_blk_config hints(uint64_t features,
				      struct virtio_blk_config config)
{
	check_int(virtio_blk_config_check(&config, features, NULL), 0);
	return config;
}

/* The field, with what else is said beside it, is kept; or becomes 0. */
#define KEPT(features, field, value, ...)                                      \
	check_int(hints(features, (struct virtio_blk_config){.field = (value), \
							     __VA_ARGS__})     \
			  .field,                                              \
		  value)
#define DROPPED(features, field, value, ...)                                   \
	check_int(hints(features, (struct virtio_blk_config){.field = (value), \
							     __VA_ARGS__})     \
			  .field,                                              \
		  0)

static void topology(void)
{
	uint64_t both = TOPOLOGY | BLK_SIZE;

	KEPT(TOPOLOGY, physical_block_exp, 21, );
	DROPPED(TOPOLOGY, physical_block_exp, 22, );
	DROPPED(TOPOLOGY, physical_block_exp, 32, );
	DROPPED(TOPOLOGY, physical_block_exp, 255, );
	KEPT(both, physical_block_exp, 18, .blk_size = 4096);
	DROPPED(both, physical_block_exp, 19, .blk_size = 4096);
	DROPPED(TOPOLOGY, alignment_offset, 1, );
	KEPT(TOPOLOGY, alignment_offset, 7, .physical_block_exp = 3);
	DROPPED(TOPOLOGY, alignment_offset, 8, .physical_block_exp = 3);
	DROPPED(TOPOLOGY, alignment_offset, 7, .physical_block_exp = 200);
	KEPT(TOPOLOGY, opt_io_size, 4194303, );
	DROPPED(TOPOLOGY, opt_io_size, 4194304, );
	KEPT(both, opt_io_size, 524287, .blk_size = 4096);
	DROPPED(both, opt_io_size, 524288, .blk_size = 4096);
	DROPPED(both, opt_io_size, UINT32_MAX, .blk_size = 512);
	KEPT(both, min_io_size, 1, .blk_size = 1u << 30);
	DROPPED(both, min_io_size, 2, .blk_size = 1u << 30);
}

static void others(void)
{
	uint64_t discard = VIRTIO_BLK_F_DISCARD;

	check_int(TRY(VIRTIO_BLK_F_MQ, "queues"), -EINVAL);
	check_int(TRY(VIRTIO_BLK_F_MQ, "", .num_queues = 1), 0);
	KEPT(discard, discard_sector_alignment, INT_MAX / 512, );
	DROPPED(discard, discard_sector_alignment, INT_MAX / 512 + 1, );
	/* limits of 0 are for the driver to deal with */
	check_int(TRY(discard | VIRTIO_BLK_F_WRITE_ZEROES |
			      VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_SIZE_MAX,
		      ""),
		  0);
}

int main(void)
{
	sizes();
	topology();
	others();
	return 0;
}
