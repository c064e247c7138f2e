/* SPDX-License-Identifier: MIT */
/* A client that cuts the file of its memory short is disconnected, whether it
 * is the rings that vanish or a request's data; the next one is served. */
#include "frontend.h"

static void script(struct rig *e)
{
	static struct front f;

	for (int i = 0; i < 8; i++) {
		front_open(&f, e->path, 2,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		check_int(request(&f, 0, VIRTIO_BLK_T_OUT, 0, SLOT_BYTES),
			  VIRTIO_BLK_S_OK);
		if (i & 2)
			offer(&f, 1, RING - 1, VIRTIO_BLK_T_IN, 64, SLOT_BYTES);
		/* the second queue's data, but not its rings; or all */
		check_int(ftruncate(f.memfd,
				    i & 2 ? QUEUE_BYTES + RING_BYTES : 0),
			  0);
		if (i & 2)
			publish(&f, 1);
		else
			eventfd_write(f.kick[1], 1);
		wait_hang_up(f.sock);
		front_close(&f);
	}
	front_open(&f, e->path, 2, ALL_FEATURES);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
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
