/* SPDX-License-Identifier: MIT */
/*
 * A server that comes back and goes wrong, at each message in every way, for
 * as long as it is tried: the request that waits for it completes, once, and
 * the instance can be destroyed at any time; no descriptor is left behind.
 */
#include "tests/virtio-blk-vhost-user/lies.h"

#define LIMIT "20" /* ms of trying */

/* The first one hangs up, in place of what is asked of it. */
static bool leave(struct fake *f, struct fake_queue *q)
{
	if (f->nr_clients == 1)
		fake_hang_up(f);
	return f->nr_clients > 1;
}

/* Returns whether the request succeeded. */
static bool try(unsigned at, enum way way, uint64_t protocol_features)
{
	struct lie l = {.at = at, .way = way, .clients = 1};
	int before = test_nr_open_fds(), ret;
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.listens = true;
	f.protocol_features |= protocol_features;
	f.on_answer = lie;
	f.on_request = leave;
	f.arg = &l;
	fake_create(&f);
	if (way == SILENT)
		check_ok(blkio_set_int(f.b, "connect-timeout-ms", SILENCE_MS));
	check_ok(blkio_connect(f.b));
	test_set(f.b, "reconnect-ms=1 reconnect-limit-ms=" LIMIT);
	check_ok(blkio_start(f.b));
	f.q = blkio_get_queue(f.b, 0);
	r = fake_region(&f, 512);
	blkioq_write(f.q, 0, r.addr, 512, NULL, 0);
	if (at % 4 == 0) { /* it is destroyed as it waits */
		check_ok(blkioq_do_io(f.q, NULL, 0, 0, NULL));
		ret = -EIO;
	} else {
		ret = test_result(f.q);
		check(ret == 0 || ret == -EIO);
	}
	fake_end(&f);
	check_int(test_nr_open_fds(), before);
	return ret == 0;
}

static void check_all(uint64_t protocol_features)
{
	/* this many, and some more, take a server into use */
	for (unsigned at = 1; at <= 19; at++)
		for (int way = RIGHT + 1; way < NR_WAYS; way++)
			try(at, way, protocol_features);
}

int main(void)
{
	check(try(1, RIGHT, 0));
	check(!try(1, HANGS_UP, 0));
	check_all(VHOST_USER_PROTOCOL_F_BACKEND_REQ);
	check_all(VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD);
	return 0;
}
