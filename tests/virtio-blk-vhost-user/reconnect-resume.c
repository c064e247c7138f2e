/* SPDX-License-Identifier: MIT */
/*
 * A server with records of what is in flight goes on in the rings of the one
 * before; one without gets it all again, in rings that the old one doesn't
 * know. Either way each request is done once, on both kinds of ring, with and
 * without indirect tables.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define REQUESTS 60
#define DONE 10 /* by the first server, which takes all and then is gone */

struct servers {
	unsigned nr_done;
	uint64_t desc; /* of the first one's ring */
	bool same;     /* the second one's */
	bool broken;   /* the first one lies, besides */
};

static bool be_gone(struct fake *f, struct fake_queue *q)
{
	struct servers *s = f->arg;

	if (f->nr_clients > 1) {
		s->same = q->addr.desc == s->desc;
		return true;
	}
	s->desc = q->addr.desc;
	if (s->nr_done++ < DONE)
		return true;
	if (!f->hung_up && !s->broken)
		fake_hang_up(f);
	return false;
}

/* What comes last is not true. */
static bool lie(struct fake *f, struct fake_queue *q, struct vq_chain *c,
		uint32_t written)
{
	struct servers *s = f->arg;

	if (!s->broken || f->nr_clients > 1 || c->id != DONE - 1)
		return false;
	vq_device_push(&q->dev, c, UINT32_MAX);
	return true;
}

static void check_each_once(struct fake *f, bool broken)
{
	struct fake_seen seen[2 * REQUESTS];
	unsigned times[REQUESTS] = {0};
	unsigned nr = fake_take_seen(f, seen, ARRAY_SIZE(seen));

	check(broken ? nr <= REQUESTS + DONE : nr == REQUESTS);
	for (unsigned i = 0; i < nr; i++)
		times[seen[i].sector]++;
	for (int i = 0; i < REQUESTS; i++)
		check(times[i] == 1 || (broken && times[i] == 2));
}

static void submit(struct fake *f, struct blkio_mem_region *r)
{
	for (uint64_t i = 0; i < REQUESTS; i++) {
		char *buf = (char *)r->addr + i * 512;

		memset(buf, 1 + i, 512);
		blkioq_write(f->q, i * 512, buf, 512, (void *)i, 0);
	}
}

static void check_data(struct fake *f, struct blkio_mem_region *r)
{
	memset(r->addr, 0, REQUESTS * 512);
	blkioq_read(f->q, 0, r->addr, REQUESTS * 512, NULL, 0);
	check_int(test_result(f->q), 0);
	for (int i = 0; i < REQUESTS * 512; i++)
		check_int(((char *)r->addr)[i], 1 + i / 512);
}

static void check_servers(uint64_t features, bool records, bool broken)
{
	struct servers s = {.broken = broken};
	struct blkio_completion c[REQUESTS];
	bool seen[REQUESTS] = {false};
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.listens = true;
	f.features &= ~VIRTIO_F_INDIRECT_DESC;
	f.features |= features;
	if (records)
		f.protocol_features |= VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD;
	f.on_request = be_gone;
	f.on_done = lie;
	f.arg = &s;
	f.props = "reconnect-ms=1";
	fake_start(&f);
	r = fake_region(&f, REQUESTS * 512);
	submit(&f, &r);
	test_wait(f.q, c, REQUESTS);
	for (int i = 0; i < REQUESTS; i++) {
		check_int(c[i].ret, 0);
		check(!seen[(uintptr_t)c[i].user_data]);
		seen[(uintptr_t)c[i].user_data] = true;
	}
	check_int(f.nr_clients, 2);
	check_int(s.same, records && !broken);
	check_each_once(&f, broken);
	check_data(&f, &r);
	fake_end(&f);
}

int main(void)
{
	for (int i = 0; i < 8; i++) {
		uint64_t features = (i & 1 ? VIRTIO_F_RING_PACKED : 0) |
				    (i & 2 ? VIRTIO_F_INDIRECT_DESC : 0);

		check_servers(features, i & 4, false);
		/* records of one who lies, and may still live, don't count */
		check_servers(features, i & 4, true);
	}
	return 0;
}
