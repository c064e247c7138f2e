/* SPDX-License-Identifier: MIT */
/*
 * A server that offers less than the one before is not taken, in whatever it
 * is less; the one after it, which offers enough, is. Another size is told.
 */
#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/fake_server.h"

static void less_features(struct fake *f)
{
	f->features &= ~VIRTIO_BLK_F_FLUSH;
}

static void read_only(struct fake *f)
{
	f->features |= VIRTIO_BLK_F_RO;
}

static void less_protocol(struct fake *f)
{
	f->protocol_features &= ~VHOST_USER_PROTOCOL_F_CONFIG;
}

static void fewer_queues(struct fake *f)
{
	f->nr_queues--;
}

static void fewer_slots(struct fake *f)
{
	f->nr_slots--;
}

static void fewer_segments(struct fake *f)
{
	f->config.seg_max--;
}

static void larger_blocks(struct fake *f)
{
	f->config.blk_size *= 2;
}

static void shorter_discard(struct fake *f)
{
	f->config.max_discard_sectors--;
}

static void shorter_zeroes(struct fake *f)
{
	f->config.max_write_zeroes_sectors--;
}

static void smaller_rings(struct fake *f)
{
	f->max_size = 128;
}

static void (*const lesser[])(struct fake *f) = {
	less_features,	read_only,	less_protocol, fewer_queues,
	fewer_slots,	fewer_segments, larger_blocks, shorter_discard,
	shorter_zeroes, smaller_rings,
};

struct change {
	void (*make)(struct fake *f);
	struct fake first; /* as it was */
	unsigned of;	   /* client that is served so */
};

/* The hook sees the answer to a client's first message. */
static bool change(struct fake *f, const struct vhost_user_msg *msg,
		   const uint8_t *answer, size_t len)
{
	struct change *c = f->arg;

	if (msg->request != VHOST_USER_SET_OWNER || c->of == f->nr_clients)
		return false;
	c->of = f->nr_clients;
	if (c->of == 1)
		c->first = *f;
	if (c->of == 2)
		c->make(f);
	if (c->of != 3)
		return false;
	f->features = c->first.features;
	f->protocol_features = c->first.protocol_features;
	f->config = c->first.config;
	f->nr_queues = c->first.nr_queues;
	f->nr_slots = c->first.nr_slots;
	f->max_size = c->first.max_size;
	f->config.capacity /= 2;
	return false;
}

static bool hang_up_once(struct fake *f, struct fake_queue *q)
{
	if (f->nr_clients > 1)
		return true;
	fake_hang_up(f);
	return false;
}

static void check_lesser(void (*make)(struct fake *f))
{
	struct change c = {.make = make};
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.listens = true;
	f.on_answer = change;
	f.on_request = hang_up_once;
	f.arg = &c;
	f.props = "reconnect-ms=1";
	fake_start(&f);
	r = fake_region(&f, 4096);
	check_int(test_u64(f.b, "capacity"), FAKE_BYTES);
	blkioq_read(f.q, 0, r.addr, 4096, NULL, 0);
	check_int(test_result(f.q), 0);
	check_int(f.nr_clients, 3);
	await_connection(f.b, BLKIO_CONNECTION_UP);
	check_int(test_u64(f.b, "capacity"), FAKE_BYTES / 2);
	blkioq_read(f.q, FAKE_BYTES / 2, r.addr, 512, NULL, 0);
	check_int(test_result(f.q), -EINVAL);
	fake_end(&f);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lesser); i++)
		check_lesser(lesser[i]);
	return 0;
}
