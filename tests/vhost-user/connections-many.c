/* SPDX-License-Identifier: MIT */
/* Connections in a row, with requests in flight when they end, leave nothing
 * behind: no descriptor, and the last is served as the first. */
#include "tests/vhost-user/frontend.h"

static void script(struct rig *e)
{
	static struct front f;
	unsigned nr = nr_open_fds();

	for (int i = 0; i < 300; i++) {
		front_open(&f, e->path, 2,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		for (unsigned slot = 0; slot < 8; slot++)
			offer(&f, slot % 2, slot, VIRTIO_BLK_T_OUT, 32 * slot,
			      SLOT_BYTES);
		publish(&f, 0);
		publish(&f, 1);
		front_close(&f);
	}
	wait_open_fds(nr);
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
