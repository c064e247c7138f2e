/* SPDX-License-Identifier: MIT */
/* Each type of request does its work, on each kind of ring, and is refused
 * where it makes no sense. */
#include "frontend.h"

#define SECTORS UINT64_C(2048)

static void range(struct front *f, uint64_t sector, uint32_t nr, uint32_t flags)
{
	const struct virtio_blk_segment seg = {sector, nr, flags};

	virtio_blk_segment_encode(slot_data(f, 0, 0), &seg);
}

static void data(struct front *f)
{
	uint8_t *buf = slot_data(f, 0, 0);

	memset(buf, 0x5a, 8192);
	check_int(request(f, 0, VIRTIO_BLK_T_OUT, 16, 8192), VIRTIO_BLK_S_OK);
	memset(buf, 0, 8192);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 24, 4096), VIRTIO_BLK_S_OK);
	for (int i = 0; i < 4096; i++)
		check_int(buf[i], 0x5a);
	check_int(buf[4096], 0);
	check_int(request(f, 0, VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	check_int(request(f, 0, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_LEN),
		  VIRTIO_BLK_S_OK);
	check_int(memcmp(buf, "number 1\0\0\0\0\0\0\0\0\0\0\0\0", 20), 0);
}

static void zeroes(struct front *f)
{
	uint8_t *buf = slot_data(f, 0, 0);

	for (uint32_t unmap = 0; unmap < 2; unmap++) {
		range(f, 16 + 8 * unmap, 8, unmap);
		check_int(request(f, 0, VIRTIO_BLK_T_WRITE_ZEROES, 0,
				  VIRTIO_BLK_SEGMENT_LEN),
			  VIRTIO_BLK_S_OK);
	}
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 16, 8192), VIRTIO_BLK_S_OK);
	for (int i = 0; i < 8192; i++)
		check_int(buf[i], 0);
	range(f, 16, 8, 0);
	check_int(
		request(f, 0, VIRTIO_BLK_T_DISCARD, 0, VIRTIO_BLK_SEGMENT_LEN),
		VIRTIO_BLK_S_OK);
}

static void refusals(struct front *f)
{
	check_int(request(f, 0, VIRTIO_BLK_T_IN, SECTORS, 512),
		  VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_OUT, SECTORS - 1, 1024),
		  VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, UINT64_MAX, 512),
		  VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, UINT64_MAX / 512 + 1, 512),
		  VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 0, 100), VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, 77, 0, 512), VIRTIO_BLK_S_UNSUPP);
	range(f, 0, 1, 2);
	check_int(request(f, 0, VIRTIO_BLK_T_WRITE_ZEROES, 0,
			  VIRTIO_BLK_SEGMENT_LEN),
		  VIRTIO_BLK_S_UNSUPP);
	range(f, 0, 1, VIRTIO_BLK_SEGMENT_UNMAP);
	check_int(
		request(f, 0, VIRTIO_BLK_T_DISCARD, 0, VIRTIO_BLK_SEGMENT_LEN),
		VIRTIO_BLK_S_UNSUPP);
	range(f, SECTORS, 1, 0);
	check_int(
		request(f, 0, VIRTIO_BLK_T_DISCARD, 0, VIRTIO_BLK_SEGMENT_LEN),
		VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_DISCARD, 0,
			  VIRTIO_BLK_SEGMENT_LEN - 1),
		  VIRTIO_BLK_S_IOERR);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, SECTORS - 1, 512),
		  VIRTIO_BLK_S_OK);
}

static void script(struct rig *e)
{
	static const uint64_t without[] = {
		0,
		VIRTIO_F_INDIRECT_DESC,
		VIRTIO_F_EVENT_IDX,
		VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
	};
	static struct front f;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(without); i++) {
		front_open(&f, e->path, 1,
			   (ALL_FEATURES & ~without[i / 2]) |
				   (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		data(&f);
		zeroes(&f);
		refusals(&f);
		front_close(&f);
	}
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.serial = "number 1",
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
