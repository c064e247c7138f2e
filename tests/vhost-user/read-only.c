/* SPDX-License-Identifier: MIT */
/* A read-only export says so, offers nothing that writes, and fails it all
 * the same if a client tries; reads, flush and the serial number work. */
#include "tests/vhost-user/frontend.h"

#define WRITING (VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_WRITE_ZEROES)

static void script(struct rig *e)
{
	static struct front f;
	const struct virtio_blk_segment seg = {.num_sectors = 1};
	struct vhost_user_msg reply, msg = {
					     .request = VHOST_USER_GET_FEATURES,
				     };
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];

	front_open(&f, e->path, 1, (ALL_FEATURES & ~WRITING) | VIRTIO_BLK_F_RO);
	check_int(ask(f.sock, &msg, NULL, 0, &reply, payload), 0);
	check(reply.u64 & VIRTIO_BLK_F_RO);
	check(!(reply.u64 & WRITING));
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	check_int(slot_data(&f, 0, 0)[0], 0);
	memset(slot_data(&f, 0, 0), 0x5a, 512);
	check_int(request(&f, 0, VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	virtio_blk_segment_encode(slot_data(&f, 0, 0), &seg);
	check_int(request(&f, 0, VIRTIO_BLK_T_WRITE_ZEROES, 0,
			  VIRTIO_BLK_SEGMENT_LEN),
		  VIRTIO_BLK_S_UNSUPP);
	check_int(
		request(&f, 0, VIRTIO_BLK_T_DISCARD, 0, VIRTIO_BLK_SEGMENT_LEN),
		VIRTIO_BLK_S_UNSUPP);
	check_int(request(&f, 0, VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	check_int(slot_data(&f, 0, 0)[0], 0);
	check_int(request(&f, 0, VIRTIO_BLK_T_GET_ID, 0, 7), VIRTIO_BLK_S_OK);
	check_int(memcmp(slot_data(&f, 0, 0), "01234567890123456789", 7), 0);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.serial = "01234567890123456789",
		.read_only = true,
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
