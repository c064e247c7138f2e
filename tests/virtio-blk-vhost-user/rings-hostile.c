/* SPDX-License-Identifier: MIT */
/*
 * A server that lies in the ring, or says that we do: the request fails with
 * -EIO, and so do all later ones, at once; nothing that the server says is
 * taken for true. On both kinds of ring and of queue.
 */
#include <sys/eventfd.h>

#include "proto/virtqueue_ring.h"
#include "tests/virtio-blk-vhost-user/fake_server.h"

#define PENDING 3 /* reads, of which the server lies about the first it has */

static void push(struct fake_queue *q, uint16_t id, const struct vq_chain *c,
		 uint32_t written)
{
	struct vq_chain chain = *c;

	chain.id = id;
	vq_device_push(&q->dev, &chain, written);
}

static void id_out_of_range(struct fake_queue *q, struct vq_chain *c)
{
	push(q, q->size, c, 1);
}

static void id_huge(struct fake_queue *q, struct vq_chain *c)
{
	push(q, UINT16_MAX, c, 1);
}

static void id_not_outstanding(struct fake_queue *q, struct vq_chain *c)
{
	push(q, q->size - 1, c, 1);
}

static void id_twice(struct fake_queue *q, struct vq_chain *c)
{
	push(q, c->id, c, 1);
	push(q, c->id, c, 1);
}

static void written_one_more(struct fake_queue *q, struct vq_chain *c)
{
	push(q, c->id, c, c->writable_bytes + 1);
}

static void written_huge(struct fake_queue *q, struct vq_chain *c)
{
	push(q, c->id, c, UINT32_MAX);
}

static void ring_is_broken(struct fake_queue *q, struct vq_chain *c)
{
	eventfd_write(q->err, 1);
}

/* split rings alone: packed ones have no index; publishing would correct it */
static void index_jumps(struct fake_queue *q, struct vq_chain *c)
{
	vq_store16_release(&q->dev.used->idx, q->dev.used_idx + 1000);
}

static void index_goes_back(struct fake_queue *q, struct vq_chain *c)
{
	vq_store16_release(&q->dev.used->idx, q->dev.used_idx - 1);
}

static void (*const lies[])(struct fake_queue *q, struct vq_chain *c) = {
	id_out_of_range, id_huge,	   id_not_outstanding,
	id_twice,	 written_one_more, written_huge,
	ring_is_broken,	 index_jumps,	   index_goes_back,
};
#define NR_SPLIT_ONLY 2 /* the last of them */

struct liar {
	unsigned way;
	bool lied;
};

/* Once; it stays silent about all else. */
static bool lie(struct fake *f, struct fake_queue *q, struct vq_chain *c,
		uint32_t written)
{
	struct liar *l = f->arg;

	if (!l->lied) {
		lies[l->way](q, c);
		eventfd_write(q->call, 1);
	}
	l->lied = true;
	return true;
}

static void check_lie(unsigned way, bool packed, const char *props)
{
	struct liar l = {.way = way};
	struct blkio_completion c[PENDING];
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.features |= packed ? VIRTIO_F_RING_PACKED : 0;
	f.props = props;
	f.on_done = lie;
	f.arg = &l;
	fake_start(&f);
	r = fake_region(&f, 4096);
	for (int i = 0; i < PENDING; i++)
		blkioq_read(f.q, 0, r.addr, 4096, NULL, 0);
	test_wait(f.q, c, PENDING);
	/* but one may be true before the lie is seen */
	for (int i = 0; i < PENDING; i++)
		check(c[i].ret == -EIO || (i == 0 && c[i].ret == 0));
	check_int(c[PENDING - 1].ret, -EIO);
	check(c[PENDING - 1].error_msg);
	blkioq_flush(f.q, NULL, 0);
	check_int(test_result(f.q), -EIO);
	fake_end(&f);
}

int main(void)
{
	for (unsigned way = 0; way < ARRAY_SIZE(lies); way++) {
		check_lie(way, false, "");
		check_lie(way, false, "num-queues=0 num-poll-queues=1");
		if (way + NR_SPLIT_ONLY < ARRAY_SIZE(lies)) {
			check_lie(way, true, "");
			check_lie(way, true, "num-queues=0 num-poll-queues=1");
		}
	}
	return 0;
}
