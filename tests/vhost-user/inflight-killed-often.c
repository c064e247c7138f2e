/* SPDX-License-Identifier: MIT */
/* A server that is killed at any moment, again and again, under load: each
 * request completes once, and what was written is there. */
#include <fcntl.h>

#include "block/node.h"
#include "tests/vhost-user/restart.h"

#define QUEUES 3u
#define DEPTH 12u
#define DEATHS 12

static struct plan {
	bool busy, write;
	uint8_t byte; /* that fills the slot's block on the disk */
} plans[QUEUES][DEPTH];

static uint32_t seed = 11;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Each slot has a block of its own. */
static void offer_some(struct front *f, unsigned q)
{
	for (unsigned i = 0; i < DEPTH; i++) {
		struct plan *p = &plans[q][i];

		if (p->busy || draw(4) == 0)
			continue;
		p->busy = true;
		p->write = draw(2);
		if (p->write)
			p->byte = draw(256);
		memset(slot_data(f, q, i), p->write ? p->byte : ~p->byte,
		       SLOT_BYTES);
		offer(f, q, i, p->write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN,
		      (q * DEPTH + i) * (SLOT_BYTES / 512), SLOT_BYTES);
	}
	publish(f, q);
}

static void check_done(struct front *f, unsigned q, unsigned slot)
{
	struct plan *p = &plans[q][slot];

	check(slot < DEPTH && p->busy);
	p->busy = false;
	check_int(*slot_status(f, q, slot), VIRTIO_BLK_S_OK);
	for (unsigned i = 0; !p->write && i < SLOT_BYTES; i++)
		check_int(slot_data(f, q, slot)[i], p->byte);
}

static void take_some(struct front *f, unsigned q)
{
	struct vq_completion c;
	struct err err = ERR_INIT;
	int ret;

	while ((ret = vq_driver_pop(&f->drv[q], &c, &err)) == 1)
		check_done(f, q,
			   ((uint8_t *)c.cookie - slot_data(f, q, 0)) /
				   SLOT_STRIDE);
	check_int(ret, 0);
}

static void take_rest(struct front *f)
{
	for (unsigned q = 0; q < QUEUES; q++)
		for (unsigned i = 0; i < DEPTH; i++)
			while (plans[q][i].busy)
				check_done(f, q, complete(f, q));
}

static void play(const char *disk, uint64_t features)
{
	static struct front f;
	char path[64];
	pid_t pid = server_spawn(disk, path);

	front_begin(&f, path, QUEUES, features);
	for (int death = 0; death < DEATHS; death++) {
		int64_t end_ns = clock_now_ns() + draw(20000) * NS_PER_US;

		do {
			for (unsigned q = 0; q < QUEUES; q++) {
				offer_some(&f, q);
				take_some(&f, q);
			}
		} while (clock_now_ns() < end_ns);
		server_kill(pid, path);
		close(f.sock);
		pid = server_spawn(disk, path);
		front_go_on(&f, path);
	}
	take_rest(&f);
	front_close(&f);
	close(f.inflight_fd);
	server_kill(pid, path);
}

int main(void)
{
	char file[] = "/tmp/vub-disk.XXXXXX", disk[64];
	int fd = mkstemp(file);

	check(fd >= 0);
	check_int(ftruncate(fd, QUEUES * DEPTH * SLOT_BYTES), 0);
	snprintf(disk, sizeof(disk), "driver=io_uring,path=%s", file);
	play(disk, ALL_FEATURES);
	play(disk, ALL_FEATURES | VIRTIO_F_RING_PACKED);
	unlink(file);
	close(fd);
	return 0;
}
