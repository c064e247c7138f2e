/* SPDX-License-Identifier: MIT */
/* A request that makes no sense breaks its queue, and what came before it, in
 * the same batch or still in flight, is completed all the same. */
#include "tests/vhost-user/frontend.h"

#define GOOD 8u

static void script(struct rig *e)
{
	const struct vq_segment bad = {GUEST - 4096, 16};
	static struct front f;

	for (int i = 0; i < 4; i++) {
		bool seen[GOOD] = {false};

		front_open(&f, e->path, 1,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		for (unsigned slot = 0; slot < GOOD; slot++)
			offer(&f, 0, slot, VIRTIO_BLK_T_IN, 8 * slot, 4096);
		check(vq_driver_add(&f.drv[0], &bad, 1, 0, &f) >= 0);
		offer(&f, 0, GOOD, VIRTIO_BLK_T_IN, 0, 4096);
		publish(&f, 0);
		wait_readable(f.error[0]);
		for (unsigned n = 0; n < GOOD; n++) {
			unsigned slot = complete(&f, 0);

			check(slot < GOOD && !seen[slot]);
			seen[slot] = true;
			check_int(*slot_status(&f, 0, slot), VIRTIO_BLK_S_OK);
		}
		/* and nothing behind it */
		check_int(*slot_status(&f, 0, GOOD), VIRTIO_BLK_S_NONE);
		front_close(&f);
	}
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=null,size=1M,latency-us=20000",
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
