/* SPDX-License-Identifier: MIT */
/*
 * An instance without a server can be destroyed, at once, with requests
 * pending: while there is none, or one that falls silent, at whichever message.
 * Nothing is left open.
 */
#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/fake_server.h"

/* more than a busy machine takes, and less than a time-out that counts: 30 s */
#define PROMPT_NS (5 * NS_PER_SEC)

static bool hang_up_once(struct fake *f, struct fake_queue *q)
{
	if (__atomic_load_n(&f->nr_clients, __ATOMIC_RELAXED) > 1)
		return true;
	fake_hang_up(f);
	return false;
}

struct silence {
	unsigned at;	 /* message of the second client */
	unsigned before; /* of the first */
	bool silent;	 /* atomic */
};

static bool fall_silent(struct fake *f, const struct vhost_user_msg *msg,
			const uint8_t *answer, size_t len)
{
	struct silence *s = f->arg;

	if (f->nr_clients < 2) {
		s->before = f->nr_messages;
		return false;
	}
	if (f->nr_messages - s->before < s->at)
		return false;
	__atomic_store_n(&s->silent, true, __ATOMIC_RELAXED);
	return true;
}

/* The queue is looked at meanwhile, so that it is started. */
static void await_silence(struct fake *f)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS / 10};
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;
	const struct silence *s = f->arg;
	struct blkio_completion c;

	while (!__atomic_load_n(&s->silent, __ATOMIC_RELAXED)) {
		check(clock_now_ns() < end_ns);
		check_int(blkioq_do_io(f->q, &c, 0, 1, NULL), 0);
		nanosleep(&pause, NULL);
	}
}

/* at: 0: there is no server any more */
static void check_destroy(unsigned at, const char *props)
{
	struct silence s = {.at = at};
	struct blkio_mem_region r;
	int before = test_nr_open_fds();
	int64_t began_ns;
	struct fake f;

	fake_init(&f);
	f.listens = true;
	f.protocol_features |= VHOST_USER_PROTOCOL_F_BACKEND_REQ |
			       VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD;
	f.on_request = hang_up_once;
	f.on_answer = fall_silent;
	f.arg = &s;
	f.props = props;
	fake_start(&f);
	r = fake_region(&f, 4096);
	if (at == 0)
		fake_stop(&f);
	for (int i = 0; i < 10; i++)
		blkioq_read(f.q, 0, r.addr, 512, NULL, 0);
	check_int(blkioq_do_io(f.q, NULL, 0, 0, NULL), 0);
	if (at == 0)
		await_connection(f.b, BLKIO_CONNECTION_RECONNECTING);
	else
		await_silence(&f);
	began_ns = clock_now_ns();
	blkio_destroy(&f.b);
	check(clock_now_ns() - began_ns < PROMPT_NS);
	fake_end(&f);
	check_int(test_nr_open_fds(), before);
}

int main(void)
{
	check_destroy(0, "reconnect-ms=1");
	check_destroy(0, "reconnect-ms=100000");
	check_destroy(0, "reconnect-ms=1 num-queues=0 num-poll-queues=1");
	/* from the first on, SET_OWNER, to the last, SET_VRING_ENABLE */
	for (unsigned at = 1; at <= 19; at++)
		check_destroy(at, "reconnect-ms=1");
	return 0;
}
