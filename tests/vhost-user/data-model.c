/* SPDX-License-Identifier: MIT */
/* Random reads and writes, many at a time, on three queues of two loops: each
 * read finds what was written there last. */
#include "frontend.h"

#define QUEUES 3u
#define DEPTH 12u
#define BLOCKS 64u /* for each queue, of SLOT_BYTES */
#define ROUNDS 400

static uint8_t model[QUEUES][BLOCKS]; /* the byte that fills it */
static uint32_t seed = 7;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct plan {
	bool write;
	unsigned block;
	uint8_t byte;
};

static void check_slot(struct front *f, unsigned q, unsigned slot,
		       const struct plan *plan)
{
	check_int(*slot_status(f, q, slot), VIRTIO_BLK_S_OK);
	for (unsigned i = 0; !plan->write && i < SLOT_BYTES; i++)
		check_int(slot_data(f, q, slot)[i], plan->byte);
}

/* One block is used once in a round, so its requests have an order. */
static void plan_round(struct front *f, unsigned q, struct plan *plans)
{
	unsigned first = draw(BLOCKS);

	for (unsigned i = 0; i < DEPTH; i++) {
		struct plan *p = &plans[i];

		p->write = draw(2);
		p->block = (first + i) % BLOCKS;
		if (p->write)
			model[q][p->block] = draw(256);
		p->byte = model[q][p->block];
		memset(slot_data(f, q, i), p->write ? p->byte : ~p->byte,
		       SLOT_BYTES);
		offer(f, q, i, p->write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN,
		      (q * BLOCKS + p->block) * (SLOT_BYTES / 512), SLOT_BYTES);
	}
}

static void play(struct front *f)
{
	struct plan plans[QUEUES][DEPTH];

	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned q = 0; q < QUEUES; q++) {
			plan_round(f, q, plans[q]);
			publish(f, q);
		}
		for (unsigned q = 0; q < QUEUES; q++) {
			for (unsigned i = 0; i < DEPTH; i++) {
				unsigned slot = complete(f, q);

				check_slot(f, q, slot, &plans[q][slot]);
			}
		}
	}
}

static void script(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, QUEUES, ALL_FEATURES);
	play(&f);
	front_close(&f);
	/* what the first client wrote is there for the next */
	front_open(&f, e->path, QUEUES, ALL_FEATURES | VIRTIO_F_RING_PACKED);
	play(&f);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=4M",
		.nr_loops = 2,
		.nr_queues = QUEUES,
		.script = script,
	});
	return 0;
}
