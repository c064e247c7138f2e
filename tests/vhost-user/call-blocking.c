/* SPDX-License-Identifier: MIT */
/* A client that fills the counters of the descriptors that it is called by, and
 * clears their O_NONBLOCK, is disconnected; the server, which has one thread,
 * serves the next. */
#include <fcntl.h>
#include <poll.h>

#include "tests/vhost-user/frontend.h"

static void block(int fd)
{
	check_int(eventfd_write(fd, UINT64_MAX - 1), 0);
	check_int(fcntl(fd, F_SETFL, 0), 0);
}

/* It hangs up, in a second: ticks are much shorter. */
static void check_hangs_up(int sock)
{
	struct pollfd pfd = {.fd = sock, .events = POLLRDHUP};

	check_int(poll(&pfd, 1, 1000), 1);
	check(pfd.revents & POLLRDHUP);
}

static void script(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, 2, ALL_FEATURES);
	for (int i = 0; i < 100; i++)
		check_int(request(&f, i % 2, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
	check(!vq_driver_enable_calls(&f.drv[0]));
	block(f.call[0]);
	offer(&f, 0, 0, VIRTIO_BLK_T_IN, 0, 512);
	publish(&f, 0);
	check_hangs_up(f.sock);
	front_close(&f);

	front_open(&f, e->path, 2, ALL_FEATURES);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 1,
		.nr_queues = 2,
		.script = script,
	});
	return 0;
}
