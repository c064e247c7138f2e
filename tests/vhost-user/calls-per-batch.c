/* SPDX-License-Identifier: MIT */
/* Requests that were offered together and end together are told by one call,
 * however many they are, and none at all when the driver wants none. */
#include <fcntl.h>

#include "tests/vhost-user/frontend.h"
#include "util/clock.h"

#define BATCH 32u

static unsigned take_all(struct front *f)
{
	int64_t end_ns = clock_now_ns() + DEADLINE_MS * NS_PER_MS;
	struct vq_completion c;
	struct err err = ERR_INIT;
	unsigned nr = 0;

	while (nr < BATCH && clock_now_ns() < end_ns)
		nr += vq_driver_pop(&f->drv[0], &c, &err) == 1;
	return nr;
}

static void batch(struct front *f, bool wanted)
{
	eventfd_t count = 0;

	if (wanted)
		check(!vq_driver_enable_calls(&f->drv[0]));
	else
		vq_driver_disable_calls(&f->drv[0]);
	for (unsigned slot = 0; slot < BATCH; slot++)
		offer(f, 0, slot, VIRTIO_BLK_T_IN, 0, 512);
	publish(f, 0);
	if (wanted)
		wait_readable(f->call[0]);
	check_int(take_all(f), BATCH);
	/* by its reply it has called, if it was about to */
	check_int(SAY(f, VHOST_USER_GET_FEATURES), 0);
	eventfd_read(f->call[0], &count);
	check_int(count, wanted);
}

static void script(struct rig *e)
{
	static struct front f;

	for (int i = 0; i < 4; i++) {
		front_open(&f, e->path, 1,
			   (ALL_FEATURES & ~(i & 2 ? VIRTIO_F_EVENT_IDX : 0)) |
				   (i & 1 ? VIRTIO_F_RING_PACKED : 0));
		check_int(fcntl(f.call[0], F_SETFL, O_NONBLOCK), 0);
		for (int j = 0; j < 50; j++) {
			batch(&f, true);
			batch(&f, false);
		}
		front_close(&f);
	}
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
