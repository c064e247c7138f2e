/* SPDX-License-Identifier: MIT */
/* While a client is there another is closed at once, and does no harm; when
 * it has gone the next one is served, requests in flight or not. */
#include "frontend.h"

static void script(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, 2, ALL_FEATURES);
	for (int i = 0; i < 20; i++) {
		int second = front_socket(e->path);

		wait_hang_up(second);
		close(second);
		check_int(request(&f, i % 2, VIRTIO_BLK_T_OUT, i, 512),
			  VIRTIO_BLK_S_OK);
	}
	front_close(&f);
	for (int i = 0; i < 100; i++) {
		front_open(&f, e->path, 2,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		for (unsigned slot = 0; slot < 16; slot++)
			offer(&f, slot % 2, slot, VIRTIO_BLK_T_OUT, 32 * slot,
			      SLOT_BYTES);
		publish(&f, 0);
		publish(&f, 1);
		front_close(&f);
	}
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
