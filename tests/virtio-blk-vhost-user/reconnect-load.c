/* SPDX-License-Identifier: MIT */
/*
 * With reconnect-ms, a server is killed under load and another one started,
 * time and again: every request succeeds, once, and nothing written is lost.
 */
#include "tests/virtio-blk-vhost-user/daemon_test.h"
#include "tests/virtio-blk-vhost-user/load.h"

#define ROUNDS 5
#define REQUESTS 500 /* that make it certain that there is a load */

static void check_load(enum load_way way, int queue_size)
{
	struct disk d = {
		.props = "reconnect-ms=1",
		.queue_size = queue_size,
	};
	struct load l;

	disk_start(&d, way == LOAD_POLLED);
	load_begin(&l, d.q, d.r.addr, 0, way);
	for (int i = 0; i < ROUNDS; i++) {
		load_await(&l, REQUESTS);
		disk_kill(&d);
		disk_serve_again(&d);
	}
	load_await(&l, REQUESTS);
	load_end(&l);
	disk_end(&d);
}

int main(void)
{
	check_load(LOAD_FD, 0);
	check_load(LOAD_BLOCKED, 0);
	check_load(LOAD_POLLED, 0);
	/* less than there are requests: some wait for room, too */
	check_load(LOAD_BLOCKED, 16);
	return 0;
}
