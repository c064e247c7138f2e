/* SPDX-License-Identifier: MIT */
/* As many requests in flight as the ring has entries are served, and a kick
 * that brings no more changes nothing. On both kinds of ring. */
#include "tests/vhost-user/frontend.h"

static void fill(struct rig *e, uint64_t features)
{
	static struct front f;

	front_open(&f, e->path, 1, ALL_FEATURES | features);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned slot = 0; slot < RING; slot++)
			offer(&f, 0, slot, VIRTIO_BLK_T_OUT, 8 * slot, 4096);
		publish(&f, 0);
		eventfd_write(f.kick[0], 1);
		/* the first completes while others are in flight */
		for (unsigned i = 0; i < RING; i++) {
			unsigned slot = complete(&f, 0);

			check_int(*slot_status(&f, 0, slot), VIRTIO_BLK_S_OK);
			eventfd_write(f.kick[0], 1);
		}
	}
	front_close(&f);
}

static void script(struct rig *e)
{
	fill(e, 0);
	fill(e, VIRTIO_F_RING_PACKED);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M,latency-us=20000",
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
