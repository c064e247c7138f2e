/* SPDX-License-Identifier: MIT */
/* A client that clears O_NONBLOCK of its kick descriptor, and takes back the
 * kicks that it gives, doesn't hold up the server, which has one thread. */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "tests/vhost-user/frontend.h"

static atomic_bool done;

static void *thief(void *arg)
{
	const int *fd = arg;
	eventfd_t count;
	struct iovec iov = {.iov_base = &count, .iov_len = sizeof(count)};

	while (!atomic_load(&done))
		if (preadv2(*fd, &iov, 1, -1, RWF_NOWAIT) < 0)
			check_int(errno, EAGAIN);
	return NULL;
}

static void script(struct rig *e)
{
	static struct front f;
	pthread_t thread;

	front_open(&f, e->path, 2, ALL_FEATURES);
	check_int(fcntl(f.kick[0], F_SETFL, 0), 0);
	check_int(pthread_create(&thread, NULL, thief, &f.kick[0]), 0);
	for (int i = 0; i < 20000; i++) {
		eventfd_write(f.kick[0], 1);
		check_int(request(&f, 1, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
	}
	atomic_store(&done, true);
	pthread_join(thread, NULL);
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
