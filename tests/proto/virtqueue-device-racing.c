/* SPDX-License-Identifier: MIT */
/*
 * A driver that writes nonsense into ring, tables and in-flight records while
 * the device reads them: whatever the device makes of it, buffers lie in
 * memory, within the room there is, and no more is in flight than the ring
 * has. Values are from where nonsense could pass for sense.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "proto/virtqueue_ring.h"
#include "vq_pair.h"

#define SIZE 16
#define ROOM 20
#define POPS 64
/* so many requests popped, or what comes in so many seconds, but some */
#define WANTED 3000
#define SECONDS 2

static struct pair p;
static bool stop;

/* TSan would say that it races: it does */
#if defined(__SANITIZE_THREAD__)
#define RACES __attribute__((no_sanitize_thread))
#elif defined(__clang__)
#define RACES __attribute__((no_sanitize("thread")))
#else
#define RACES
#endif

RACES static void *scribble(void *unused)
{
	uint64_t random = 88172645463325252;
	size_t bytes = p.layout.bytes + 8192;
	volatile uint16_t *shorts = (volatile uint16_t *)p.host;
	volatile uint64_t *longs = (volatile uint64_t *)p.host;

	for (unsigned i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		uint32_t r = pair_random(&random);
		size_t at = pair_random(&random) % bytes;

		if (r % 8 == 0) /* an address */
			longs[at / 8] = GUEST + r % (p.bytes + 16);
		else if (r % 8 == 1) /* flags of packed descriptors */
			shorts[at / 2] = (r & VQ_DESC_STATE) | (r >> 8 & 7);
		else if (r % 8 == 2) /* a length of a table */
			shorts[at / 2] = (r >> 8) % ROOM * 16;
		else /* indices, heads */
			shorts[at / 2] = (r >> 8) % (SIZE + 1);
		if (i % 256 == 0)
			sched_yield();
	}
	return NULL;
}

static void check_chain(const struct vq_chain *c)
{
	uint64_t bytes[2] = {0, 0};
	unsigned nr = c->nr_readable + c->nr_writable;

	check(nr > 0 && nr <= ROOM);
	for (unsigned i = 0; i < nr; i++) {
		const char *base = c->iov[i].iov_base;
		size_t len = c->iov[i].iov_len;

		check(len > 0 && base >= p.host && len <= p.bytes &&
		      base + len <= p.host + p.bytes);
		bytes[i >= c->nr_readable] += len;
	}
	check(bytes[0] == c->readable_bytes && bytes[1] == c->writable_bytes);
}

/* Until the queue breaks, or for a while */
static void serve(struct vq_chain *held, unsigned *broken, unsigned *popped)
{
	static struct iovec iov[ROOM];
	unsigned nr = 0;
	int ret;

	for (unsigned i = 0; i < POPS; i++) {
		struct vq_chain c = {.iov = iov, .max_iov = ROOM};

		ret = vq_device_pop(&p.dev, &c, &p.err);
		check(ret == 1 || ret == 0 || ret == -EBADMSG ||
		      ret == -EPROTO);
		if (ret == -EPROTO) {
			check(p.err.text[0]);
			(*broken)++;
			return;
		}
		if (ret == 1)
			check_chain(&c);
		*popped += ret == 1;
		if (ret != 0) {
			check(nr < SIZE);
			held[nr++] = c;
		}
		if (nr == SIZE || i % 8 == 7) {
			while (nr > 0)
				vq_device_push(&p.dev, &held[--nr], 0);
			vq_device_publish(&p.dev);
			vq_device_enable_kicks(&p.dev);
		}
	}
}

/* A base that may hold, from what is there now */
RACES static uint32_t base(uint32_t random)
{
	volatile uint16_t *used_idx = &p.drv.used->idx;
	uint16_t place = random % SIZE;
	bool wrap = random & 256;

	return p.drv.packed ? vq_base_packed(place, wrap, place, wrap)
			    : *used_idx;
}

static void run(unsigned mode)
{
	static struct vq_chain held[SIZE];
	struct vq_device_config config;
	uint64_t random = 88172645463325252;
	unsigned broken = 0, popped = 0, tries = 0;
	time_t end = time(NULL) + SECONDS;
	pthread_t thread;

	pair_open(&p, SIZE, pair_features(mode) | VIRTIO_F_INDIRECT_DESC, 8);
	stop = false;
	check_int(pthread_create(&thread, NULL, scribble, NULL), 0);
	while (popped == 0 || broken == 0 ||
	       (popped < WANTED && time(NULL) < end)) {
		config = pair_device_config(&p);
		config.base = base(pair_random(&random));
		/* where the scribbling ends */
		if (random % 2)
			config.inflight = p.host + p.layout.bytes;
		if (vq_device_init(&p.dev, &config, &p.err) == 0)
			serve(held, &broken, &popped);
		if (++tries % 64 == 0)
			sched_yield(); /* there may be one processor */
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	check_int(pthread_join(thread, NULL), 0);
	printf("mode %u: %u popped, %u times broken\n", mode, popped, broken);
	pair_close(&p);
}

int main(void)
{
	for (unsigned mode = 0; mode < 4; mode++)
		run(mode);
	return 0;
}
