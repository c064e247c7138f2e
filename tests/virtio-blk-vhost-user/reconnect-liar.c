/* SPDX-License-Identifier: MIT */
/*
 * A server that breaks the rules of the ring at each request is tried again
 * no more often than reconnect-ms allow, and no longer than until
 * reconnect-limit-ms; one that does once, is forgiven.
 */
#include <sys/eventfd.h>

#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define INTERVAL_MS 20
#define LIMIT_MS 300

/* As often as arg says. */
static bool lie(struct fake *f, struct fake_queue *q, struct vq_chain *c,
		uint32_t written)
{
	if (f->nr_clients > *(unsigned *)f->arg)
		return false;
	vq_device_push(&q->dev, c, UINT32_MAX);
	eventfd_write(q->call, 1);
	return true;
}

static int64_t read_once(struct fake *f, int ret)
{
	struct blkio_mem_region r = fake_region(f, 4096);
	int64_t began_ns = clock_now_ns();

	blkioq_read(f->q, 0, r.addr, 4096, NULL, 0);
	check_int(test_result(f->q), ret);
	return (clock_now_ns() - began_ns) / NS_PER_MS;
}

static void check_lies(unsigned lies, const char *props)
{
	struct fake f;
	int64_t ms;

	fake_init(&f);
	f.listens = true;
	f.on_done = lie;
	f.arg = &lies;
	f.props = props;
	fake_start(&f);
	ms = read_once(&f, lies == UINT_MAX ? -EIO : 0);
	if (lies == UINT_MAX) {
		check(ms >= LIMIT_MS);
		await_connection(f.b, BLKIO_CONNECTION_LOST);
		/* the first one, one at once, and then one for each interval */
		check(f.nr_clients >= 3);
		check(f.nr_clients <= 2 + LIMIT_MS / INTERVAL_MS);
	} else {
		check_int(f.nr_clients, lies + 1);
		check(ms >= (lies - 1) * INTERVAL_MS);
	}
	fake_end(&f);
}

int main(void)
{
	check_lies(UINT_MAX, "reconnect-ms=20 reconnect-limit-ms=300");
	check_lies(UINT_MAX, "reconnect-ms=20 reconnect-limit-ms=300 "
			     "num-queues=0 num-poll-queues=1");
	check_lies(1, "reconnect-ms=20");
	check_lies(3, "reconnect-ms=20");
	return 0;
}
