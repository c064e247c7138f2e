/* SPDX-License-Identifier: MIT */
/*
 * A server whose features or configuration can't be is refused, -EIO, by
 * name; one whose hints are wild is used without them; limits that no
 * property has room for become what there is room for.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

/* The server differs by a statement about f. */
#define REFUSED(text, statement)                                    \
	do {                                                        \
		struct fake f;                                      \
		fake_init(&f);                                      \
		statement;                                          \
		fake_create(&f);                                    \
		check_fails(blkio_connect(f.b), EIO, text);         \
		check_fails(blkio_start(f.b), ENODEV, "connected"); \
		fake_end(&f);                                       \
	} while (0)

#define TAKEN(name, value, statement)                     \
	do {                                              \
		struct fake f;                            \
		int got;                                  \
		fake_init(&f);                            \
		statement;                                \
		fake_start(&f);                           \
		check_ok(blkio_get_int(f.b, name, &got)); \
		check_int(got, value);                    \
		fake_end(&f);                             \
	} while (0)

static void check_refused(void)
{
	REFUSED("VERSION_1", f.features &= ~VIRTIO_F_VERSION_1);
	REFUSED("F_PROTOCOL_FEATURES",
		f.features &= ~VHOST_USER_F_PROTOCOL_FEATURES);
	REFUSED("protocol",
		f.protocol_features &= ~VHOST_USER_PROTOCOL_F_CONFIG);
	REFUSED("protocol",
		f.protocol_features &= ~VHOST_USER_PROTOCOL_F_REPLY_ACK);
	REFUSED("capacity", f.config.capacity = UINT64_MAX);
	REFUSED("capacity", f.config.capacity = UINT64_C(1) << 55);
	REFUSED("block size", f.config.blk_size = 0);
	REFUSED("block size", f.config.blk_size = 513);
	REFUSED("block size", f.config.blk_size = 1u << 31);
	REFUSED("queues", f.config.num_queues = 0);
	REFUSED("0 queues", f.nr_queues = 0);
	REFUSED("0 memory slots", f.nr_slots = 0);
}

static void check_taken(void)
{
	TAKEN("optimal-io-size", 0, f.config.opt_io_size = UINT32_MAX);
	TAKEN("optimal-io-size", 4096, f.config.opt_io_size = 8);
	TAKEN("optimal-io-alignment", 512, f.config.physical_block_exp = 255);
	TAKEN("discard-alignment-offset", 0, f.config.alignment_offset = 255);
	TAKEN("discard-alignment", 0,
	      f.config.discard_sector_alignment = UINT32_MAX);
	TAKEN("max-segments", 1, f.config.seg_max = 0);
	TAKEN("max-segments", 1022, f.config.seg_max = UINT32_MAX);
	TAKEN("max-segment-len", INT_MAX, f.features |= VIRTIO_BLK_F_SIZE_MAX;
	      f.config.size_max = UINT32_MAX);
	TAKEN("max-transfer", INT_MAX, f.features |= VIRTIO_BLK_F_SIZE_MAX;
	      f.config.size_max = UINT32_MAX);
	TAKEN("max-queues", 1, f.nr_queues = UINT64_MAX;
	      f.config.num_queues = 1);
}

int main(void)
{
	check_refused();
	check_taken();
	return 0;
}
