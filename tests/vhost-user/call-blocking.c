/* SPDX-License-Identifier: MIT */
/* A client that fills the counters of the descriptors that it is called by, and
 * clears their O_NONBLOCK, is disconnected; the server, which has one thread,
 * serves the next. */
#include <fcntl.h>

#include "export/vhost-user-blk/bell.h"
#include "tests/vhost-user/frontend.h"
#include "util/clock.h"

static void block(int fd)
{
	check_int(eventfd_write(fd, UINT64_MAX - 1), 0);
	check_int(fcntl(fd, F_SETFL, 0), 0);
}

static void script(struct rig *e)
{
	static struct front f;
	int64_t began_ns;

	front_open(&f, e->path, MAX_QUEUES, ALL_FEATURES);
	for (int i = 0; i < 100; i++)
		check_int(request(&f, i % MAX_QUEUES, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
	for (int q = 0; q < MAX_QUEUES; q++) {
		check(!vq_driver_enable_calls(&f.drv[q]));
		block(f.call[q]);
		offer(&f, q, 0, VIRTIO_BLK_T_IN, 0, 512);
	}
	began_ns = clock_now_ns();
	for (int q = 0; q < MAX_QUEUES; q++)
		publish(&f, q);
	wait_hang_up(f.sock);
	/* the queues don't wait one after the other */
	check(clock_now_ns() - began_ns < MAX_QUEUES * (int64_t)BELL_TICK_NS);
	front_close(&f);

	front_open(&f, e->path, MAX_QUEUES, ALL_FEATURES);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 1,
		.nr_queues = MAX_QUEUES,
		.script = script,
	});
	return 0;
}
