/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the device's end of a virtqueue, in memory that the input
 * writes. Its first bytes choose features, size and memory table; then come
 * steps: write here and there, pop, push, publish, notifications, begin anew.
 * What is popped has to lie in memory, fit the room, and be no more than the
 * ring; what is refused has to say why.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "proto/virtqueue_device.h"
#include "util/compiler.h"

#define GUEST 0x10000u
#define MEMORY_BYTES 4096u
#define PART_BYTES 2560u /* of the first region, where there are two */
#define MAX_SIZE 32u
#define MAX_IOV 24u

/* where the parts are, for all sizes */
#define DESC 0u
#define DRIVER 512u
#define DEVICE 640u
#define RECORDS 1024u
_Static_assert(RECORDS + 64 + 32 * MAX_SIZE <= PART_BYTES, "records fit");

struct input {
	const uint8_t *p, *end;
};

struct held {
	struct vq_chain chain;
	bool used;
};

static struct vq_device q;
static struct vq_device_config config;
static struct guest_region regions[2];
static struct guest_memory mem;
static char *part[2]; /* of exactly their size */
static uint16_t resubmit[MAX_SIZE];
static struct held held[MAX_SIZE];
static unsigned nr_held;

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
	uint16_t at = next16(in) % MEMORY_BYTES;

	for (unsigned len = next(in); len > 0 && at < MEMORY_BYTES; len--, at++)
		*(at < PART_BYTES ? part[0] + at : part[1] + at - PART_BYTES) =
			next(in);
}

static void begin(void)
{
	struct err err = ERR_INIT;
	int ret = vq_device_init(&q, &config, &err);

	FUZZ_CHECK(ret == 0 ||
		   ((ret == -EINVAL || ret == -EPROTO) && err.text[0]));
	nr_held = 0;
	memset(held, 0, sizeof(held));
	if (ret == 0)
		return;
	/* refused: what is said to be new is a ring always */
	config.base = VQ_BASE_START(config.features & VIRTIO_F_RING_PACKED);
	memset(part[0] + RECORDS, 0, PART_BYTES - RECORDS);
	memset(part[0] + DEVICE, 0, RECORDS - DEVICE);
	FUZZ_CHECK(vq_device_init(&q, &config, &err) == 0);
}

static void check_chain(const struct vq_chain *c)
{
	uint64_t bytes[2] = {0, 0};

	FUZZ_CHECK(c->nr_readable + c->nr_writable > 0);
	FUZZ_CHECK(c->nr_readable + c->nr_writable <= c->max_iov);
	for (unsigned i = 0; i < c->nr_readable + c->nr_writable; i++) {
		const char *base = c->iov[i].iov_base;
		size_t len = c->iov[i].iov_len;
		bool second = base >= part[1] &&
			      base < part[1] + MEMORY_BYTES - PART_BYTES;
		size_t size = second ? MEMORY_BYTES - PART_BYTES : PART_BYTES;

		FUZZ_CHECK(base >= part[second] && len > 0 && len <= size);
		FUZZ_CHECK(base + len <= part[second] + size);
		bytes[i >= c->nr_readable] += len;
	}
	FUZZ_CHECK(bytes[0] == c->readable_bytes);
	FUZZ_CHECK(bytes[1] == c->writable_bytes);
}

static void pop(uint8_t room)
{
	struct vq_chain c = {.max_iov = room % MAX_IOV};
	struct err err = ERR_INIT;
	unsigned i = 0;
	int ret;

	c.iov = malloc(c.max_iov * sizeof(*c.iov));
	ret = vq_device_pop(&q, &c, &err);
	if (ret == 1)
		check_chain(&c);
	else if (ret == -EBADMSG)
		FUZZ_CHECK(c.nr_readable + c.nr_writable == 0);
	else
		FUZZ_CHECK(ret == 0 || ret == -EPROTO);
	FUZZ_CHECK(ret >= 0 || err.text[0]);
	if (ret == -EPROTO)
		FUZZ_CHECK(vq_device_pop(&q, &c, &err) == -EPROTO);
	free(c.iov);
	if (ret == 0 || ret == -EPROTO)
		return;
	c.iov = NULL;
	FUZZ_CHECK(nr_held++ < config.size);
	while (held[i].used)
		i++;
	held[i] = (struct held){.chain = c, .used = true};
}

/* In order, the one that was popped first */
static void push(uint8_t which)
{
	struct held *h = NULL;

	for (unsigned i = 0; i < MAX_SIZE; i++) {
		struct held *other = &held[(which + i) % MAX_SIZE];

		if (other->used &&
		    (!q.in_order || other->chain.place == q.used_idx))
			h = other;
	}
	if (!h)
		return;
	vq_device_push(&q, &h->chain, h->chain.writable_bytes % 7);
	h->used = false;
	nr_held--;
}

static void open_memory(bool two)
{
	part[0] = calloc(1, PART_BYTES);
	part[1] = calloc(1, MEMORY_BYTES - PART_BYTES);
	regions[0] = (struct guest_region){GUEST, PART_BYTES, part[0]};
	regions[1] = (struct guest_region){GUEST + PART_BYTES,
					   MEMORY_BYTES - PART_BYTES, part[1]};
	mem = (struct guest_memory){.regions = regions, .nr = two ? 2 : 1};
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
			pop(next(in));
			break;
		case 3:
			push(next(in));
			break;
		case 4:
			vq_device_publish(&q);
			break;
		case 5:
			vq_device_enable_kicks(&q);
			break;
		case 6:
			vq_device_disable_kicks(&q);
			break;
		default:
			config.base = q.packed ? next16(in) * 0x10001u
					       : vq_device_base(&q);
			if (config.base % 0x8000 >= config.size && q.packed)
				config.base = VQ_BASE_START(true);
			begin();
		}
		vq_device_has_work(&q);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static const uint8_t sizes[] = {1, 2, 4, 8, 16, 32, 3, 7};
	struct input in = {input, input + size};
	uint8_t features = next(&in), shape = next(&in);
	bool packed = features & 1;

	open_memory(shape & 0x80);
	config = (struct vq_device_config){
		.desc = part[0] + DESC,
		.driver = part[0] + DRIVER,
		.device = part[0] + DEVICE,
		.size = sizes[shape % (packed ? 8 : 6)],
		.features = (packed ? VIRTIO_F_RING_PACKED : 0) |
			    (features & 2 ? VIRTIO_F_EVENT_IDX : 0) |
			    (features & 4 ? VIRTIO_F_INDIRECT_DESC : 0) |
			    (features & 8 ? VIRTIO_F_IN_ORDER : 0),
		.base = VQ_BASE_START(packed),
		.mem = &mem,
		.inflight = features & 16 ? part[0] + RECORDS : NULL,
		.resubmit = resubmit,
	};
	begin();
	steps(&in);
	free(part[0]);
	free(part[1]);
	return 0;
}
