/* SPDX-License-Identifier: MIT */
/* As many regions as the server says it takes, each of them served, come and
 * go; one more is refused and changes nothing. */
#include "tests/vhost-user/frontend.h"

static struct vhost_user_region slot_region(unsigned i)
{
	/* the first page of data again and again, at addresses of its own */
	return (struct vhost_user_region){
		.guest_addr = 2 * GUEST + i * 65536,
		.user_addr = 2 * USER + i * 65536,
		.size = 4096,
		.mmap_offset = RING_BYTES,
	};
}

static int add(struct front *f, unsigned i)
{
	return SAY_FD(f, f->memfd, VHOST_USER_ADD_MEM_REG,
		      .region = slot_region(i));
}

static int take_away(struct front *f, unsigned i)
{
	struct vhost_user_region region = slot_region(i);

	region.mmap_offset = 0;
	return SAY(f, VHOST_USER_REM_MEM_REG, .region = region);
}

/* One read into region i */
static void read_into(struct front *f, unsigned i)
{
	const struct virtio_blk_request req = {.type = VIRTIO_BLK_T_IN};
	uint64_t at = GUEST + slot_offset(0, 3) + SLOT_BYTES;
	const struct vq_segment segs[] = {
		{at, VIRTIO_BLK_REQUEST_LEN},
		{slot_region(i).guest_addr, 512},
		{at + VIRTIO_BLK_REQUEST_LEN, 1},
	};

	virtio_blk_request_encode(slot_data(f, 0, 3) + SLOT_BYTES, &req);
	*slot_status(f, 0, 3) = VIRTIO_BLK_S_NONE;
	memset(slot_data(f, 0, 0), 0x11, 512);
	check(vq_driver_add(&f->drv[0], segs, 1, 2, slot_data(f, 0, 3)) >= 0);
	publish(f, 0);
	check_int(complete(f, 0), 3);
	check_int(*slot_status(f, 0, 3), VIRTIO_BLK_S_OK);
	check_int(slot_data(f, 0, 0)[511], 0x5a);
}

static unsigned max_slots(struct front *f)
{
	struct vhost_user_msg reply,
		msg = {
			.request = VHOST_USER_GET_MAX_MEM_SLOTS,
		};
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];

	check_int(ask(f->sock, &msg, NULL, 0, &reply, payload), 0);
	return reply.u64;
}

static void script(struct rig *e)
{
	static struct front f;
	unsigned max;

	front_open(&f, e->path, 1, ALL_FEATURES);
	memset(slot_data(&f, 0, 0), 0x5a, 512);
	check_int(request(&f, 0, VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_OK);
	max = max_slots(&f) - 1; /* one is there */
	check(max >= 508);
	for (unsigned i = 0; i < max; i++)
		check_int(add(&f, i), 0);
	check_int(add(&f, max), -EIO);
	for (unsigned i = 0; i < max; i++)
		read_into(&f, i);
	check_int(take_away(&f, max), -EIO);
	check_int(take_away(&f, 7), 0);
	check_int(take_away(&f, 7), -EIO);
	read_into(&f, 8);
	check_int(add(&f, max), 0);
	read_into(&f, max);
	check_int(add(&f, 7), -EIO);
	for (unsigned i = 8; i <= max; i++)
		check_int(take_away(&f, i), 0);
	read_into(&f, 6);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
