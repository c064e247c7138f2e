/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the driver's end of a virtqueue, whose ring the input writes.
 * Its first bytes choose features, size and tables; then come steps: write
 * here and there, add, publish, pop, notifications, begin anew. What completes
 * has to be outstanding, and published, with no more written than was
 * writable; what can't be has to say why.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "proto/virtqueue_driver.h"
#include "util/compiler.h"

#define MAX_SIZE 32u
#define MAX_SEGMENTS 8u

struct input {
	const uint8_t *p, *end;
};

struct request {
	enum { FREE, ADDED, PUBLISHED } state;
	uint32_t writable_bytes;
	unsigned nr; /* order of adding */
};

static struct vq_driver q;
static struct vq_driver_config config;
static struct vq_driver_layout layout;
static struct request requests[MAX_SIZE];
static unsigned added;

static uint8_t next(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

static uint16_t next16(struct input *in)
{
	uint16_t low = next(in);

	return low | next(in) << 8;
}

static void write_memory(struct input *in)
{
	size_t at = next16(in) % layout.bytes;

	for (unsigned len = next(in); len > 0 && at < layout.bytes; len--, at++)
		((char *)config.ring)[at] = next(in);
}

static void begin(void)
{
	struct err err = ERR_INIT;

	FUZZ_CHECK(vq_driver_init(&q, &config, &err) == 0);
	memset(requests, 0, sizeof(requests));
	added = 0;
}

static void add(uint8_t shape)
{
	struct vq_segment segs[MAX_SEGMENTS];
	unsigned nr = shape % (MAX_SEGMENTS + 1), i = 0;
	unsigned readable = nr > 0 ? (shape >> 4) % (nr + 1) : 0;
	struct request r = {.state = ADDED, .nr = added};
	int ret;

	for (unsigned n = 0; n < nr; n++) {
		segs[n] = (struct vq_segment){0x1000 * n, 1 + n};
		r.writable_bytes += n >= readable ? 1 + n : 0;
	}
	while (i < MAX_SIZE && requests[i].state != FREE)
		i++;
	ret = vq_driver_add(&q, segs, readable, nr - readable, &requests[i]);
	if (q.broken) {
		FUZZ_CHECK(ret == -EPROTO);
	} else if (nr == 0 || nr > vq_driver_max_segments(&q)) {
		FUZZ_CHECK(ret == -EINVAL);
	} else if (ret >= 0) {
		FUZZ_CHECK((uint32_t)ret < config.size && i < MAX_SIZE);
		requests[i] = r;
		added++;
	} else {
		FUZZ_CHECK(ret == -EAGAIN && vq_driver_free(&q) < nr);
	}
	FUZZ_CHECK(vq_driver_free(&q) <= config.size);
}

static void publish(void)
{
	vq_driver_publish(&q);
	for (unsigned i = 0; i < MAX_SIZE; i++)
		if (requests[i].state == ADDED)
			requests[i].state = PUBLISHED;
}

static void pop(void)
{
	struct err err = ERR_INIT;
	struct vq_completion c;
	struct request *r;
	int ret = vq_driver_pop(&q, &c, &err);

	if (ret == 1) {
		r = c.cookie;
		FUZZ_CHECK(r->state == PUBLISHED);
		FUZZ_CHECK(c.written_bytes <= r->writable_bytes);
		FUZZ_CHECK(c.id < config.size);
		r->state = FREE;
	} else if (ret < 0) {
		FUZZ_CHECK(ret == -EPROTO && err.text[0]);
		FUZZ_CHECK(vq_driver_pop(&q, &c, &err) == -EPROTO);
	} else {
		FUZZ_CHECK(ret == 0);
	}
}

static void check_outstanding(void)
{
	uint16_t ids[MAX_SIZE];
	unsigned nr = vq_driver_outstanding(&q, ids), want = 0, last = 0;

	for (unsigned i = 0; i < MAX_SIZE; i++)
		want += requests[i].state != FREE;
	FUZZ_CHECK(nr == want);
	for (unsigned i = 0; i < nr; i++) {
		struct request *r = q.slots[ids[i]].cookie;

		FUZZ_CHECK(r->state != FREE && (i == 0 || r->nr > last));
		last = r->nr;
	}
}

static void steps(struct input *in)
{
	while (in->p < in->end) {
		switch (next(in) % 8) {
		case 0:
		case 1:
			write_memory(in);
			break;
		case 2:
			add(next(in));
			break;
		case 3:
			publish();
			break;
		case 4:
			pop();
			break;
		case 5:
			vq_driver_enable_calls(&q);
			break;
		case 6:
			vq_driver_disable_calls(&q);
			break;
		default:
			begin();
		}
		vq_driver_has_completions(&q);
		check_outstanding();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static const uint8_t sizes[] = {1, 2, 4, 8, 16, 32, 3, 7};
	struct vq_driver_slot slots[MAX_SIZE];
	struct input in = {input, input + size};
	uint8_t features = next(&in), shape = next(&in);
	struct err err = ERR_INIT;

	config = (struct vq_driver_config){
		.slots = slots,
		.size = sizes[shape % (features & 1 ? 8 : 6)],
		.features = (features & 1 ? VIRTIO_F_RING_PACKED : 0) |
			    (features & 2 ? VIRTIO_F_EVENT_IDX : 0) |
			    (features & 4 ? VIRTIO_F_INDIRECT_DESC : 0) |
			    (features & 8 ? VIRTIO_F_IN_ORDER : 0),
		.table_segments = shape >> 6,
	};
	FUZZ_CHECK(vq_driver_layout(&layout, config.size, config.table_segments,
				    config.features, &err) == 0);
	/* of exactly this size, so that the next byte is out of bounds */
	config.ring = aligned_alloc(64, layout.bytes);
	begin();
	steps(&in);
	free(config.ring);
	return 0;
}
