/* SPDX-License-Identifier: MIT */
/*
 * Servers with records of what is in flight and servers without follow one
 * another, each gone in the middle of its work: every request completes, and
 * is done once.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define REQUESTS 60
#define DONE 9 /* by each server but the last, which is then gone */
#define NR_SERVERS 5

struct servers {
	unsigned records; /* bit n: server n has some */
	unsigned nr_done[1 + NR_SERVERS];
};

static bool be_gone(struct fake *f, struct fake_queue *q)
{
	struct servers *s = f->arg;

	if (f->nr_clients >= NR_SERVERS || s->nr_done[f->nr_clients]++ < DONE)
		return true;
	if (!f->hung_up)
		fake_hang_up(f);
	return false;
}

/* The hook sees the answer to a client's first message. */
static bool change(struct fake *f, const struct vhost_user_msg *msg,
		   const uint8_t *answer, size_t len)
{
	const struct servers *s = f->arg;

	if (msg->request != VHOST_USER_SET_OWNER)
		return false;
	f->protocol_features &= ~VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD;
	if (s->records & 1u << f->nr_clients)
		f->protocol_features |= VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD;
	return false;
}

static void check_each_once(struct fake *f)
{
	struct fake_seen seen[2 * REQUESTS];
	unsigned times[REQUESTS] = {0};

	check_int(fake_take_seen(f, seen, ARRAY_SIZE(seen)), REQUESTS);
	for (int i = 0; i < REQUESTS; i++)
		times[seen[i].sector]++;
	for (int i = 0; i < REQUESTS; i++)
		check_int(times[i], 1);
}

static void check_servers(unsigned records, uint64_t features)
{
	struct servers s = {.records = records};
	struct blkio_completion c[REQUESTS];
	bool seen[REQUESTS] = {false};
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.listens = true;
	f.features |= features;
	f.on_request = be_gone;
	f.on_answer = change;
	f.arg = &s;
	f.props = "reconnect-ms=1";
	fake_start(&f);
	r = fake_region(&f, REQUESTS * 512);
	for (uintptr_t i = 0; i < REQUESTS; i++)
		blkioq_read(f.q, i * 512, (char *)r.addr + i * 512, 512,
			    (void *)i, 0);
	test_wait(f.q, c, REQUESTS);
	for (int i = 0; i < REQUESTS; i++) {
		check_int(c[i].ret, 0);
		check(!seen[(uintptr_t)c[i].user_data]);
		seen[(uintptr_t)c[i].user_data] = true;
	}
	check_int(f.nr_clients, NR_SERVERS);
	check_each_once(&f);
	fake_end(&f);
}

int main(void)
{
	for (unsigned records = 0; records < 1u << NR_SERVERS; records++) {
		check_servers(records << 1, 0);
		check_servers(records << 1, VIRTIO_F_RING_PACKED);
	}
	return 0;
}
