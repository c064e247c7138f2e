/* SPDX-License-Identifier: MIT */
/* RESET_DEVICE under load: the queues end what they have and forget all that
 * they were told, the write cache is as at first, and the client begins
 * anew, on the same connection and memory. */
#include "tests/vhost-user/frontend.h"

static uint8_t write_cache(struct front *f)
{
	struct vhost_user_msg reply,
		msg = {
			.request = VHOST_USER_GET_CONFIG,
			.config = {.offset = 32, .size = 1},
		};
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];

	check_int(ask(f->sock, &msg, NULL, 0, &reply, payload), 0);
	return reply.config.data[0];
}

static void script(struct rig *e)
{
	static const uint8_t off;
	static struct front f;

	front_open(&f, e->path, 2, ALL_FEATURES);
	for (int i = 0; i < 10; i++) {
		check_int(
			SAY(&f, VHOST_USER_SET_CONFIG,
			    .config = {.offset = 32, .size = 1, .data = &off}),
			0);
		check_int(write_cache(&f), 0);
		for (unsigned slot = 0; slot < 16; slot++)
			offer(&f, slot % 2, slot, VIRTIO_BLK_T_OUT, 32 * slot,
			      SLOT_BYTES);
		publish(&f, 0);
		publish(&f, 1);
		check_int(SAY(&f, VHOST_USER_RESET_DEVICE), 0);
		check_int(write_cache(&f), 1);
		/* a ring of which it knows nothing */
		check_int(SAY(&f, VHOST_USER_SET_VRING_ENABLE, .state = {0, 1}),
			  0);
		f.features ^= VIRTIO_F_RING_PACKED;
		check_int(SAY(&f, VHOST_USER_SET_FEATURES, .u64 = f.features),
			  0);
		for (unsigned q = 0; q < 2; q++) {
			close(f.kick[q]);
			close(f.call[q]);
			close(f.error[q]);
			front_start_queue(&f, q);
			check_int(request(&f, q, VIRTIO_BLK_T_IN, 32 * q, 512),
				  VIRTIO_BLK_S_OK);
		}
	}
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 2,
		.nr_queues = 2,
		.script = script,
	});
	return 0;
}
