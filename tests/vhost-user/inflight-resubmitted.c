/* SPDX-License-Identifier: MIT */
/* What a killed server had in flight, as its records tell, the next one does,
 * and completes each once; so after the second death, too. */
#include "tests/vhost-user/restart.h"

#define QUEUES 2u
#define DEPTH 16u /* of each */
#define SLOW "driver=null,size=1M,latency-us=600000000"

/* Of all queues. */
static void wait_all_marked(const struct front *f, unsigned nr)
{
	void *map = mmap(NULL, f->inflight.mmap_size, PROT_READ, MAP_SHARED,
			 f->inflight_fd, 0);

	check(map != MAP_FAILED);
	for (unsigned q = 0; q < QUEUES; q++)
		wait_marked(f, map, q, nr);
	munmap(map, f->inflight.mmap_size);
}

static void complete_each_once(struct front *f)
{
	for (unsigned q = 0; q < QUEUES; q++) {
		bool seen[DEPTH] = {false};

		for (unsigned i = 0; i < DEPTH; i++) {
			unsigned slot = complete(f, q);

			check(slot < DEPTH && !seen[slot]);
			seen[slot] = true;
			check_int(*slot_status(f, q, slot), VIRTIO_BLK_S_OK);
		}
	}
}

static void play(uint64_t features)
{
	static struct front f;
	char path[64];
	pid_t pid = server_spawn("driver=null,size=1M", path);

	front_begin(&f, path, QUEUES, features);
	/* records that were used, and indices that are not those of a start */
	for (unsigned i = 0; i < RING + 7; i++)
		for (unsigned q = 0; q < QUEUES; q++)
			check_int(request(&f, q, VIRTIO_BLK_T_IN, 0, 4096),
				  VIRTIO_BLK_S_OK);
	server_kill(pid, path);
	close(f.sock);

	for (int death = 0; death < 2; death++) {
		pid = server_spawn(SLOW, path);
		front_go_on(&f, path);
		for (unsigned q = 0; q < QUEUES && death == 0; q++) {
			for (unsigned slot = 0; slot < DEPTH; slot++)
				offer(&f, q, slot, VIRTIO_BLK_T_OUT, 8 * slot,
				      4096);
			publish(&f, q);
		}
		wait_all_marked(&f, DEPTH);
		server_kill(pid, path);
		close(f.sock);
	}

	pid = server_spawn("driver=null,size=1M", path);
	front_go_on(&f, path);
	complete_each_once(&f);
	wait_all_marked(&f, 0);
	for (unsigned q = 0; q < QUEUES; q++)
		check_int(request(&f, q, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
	front_close(&f);
	close(f.inflight_fd);
	server_kill(pid, path);
}

int main(void)
{
	play(ALL_FEATURES);
	play(ALL_FEATURES | VIRTIO_F_RING_PACKED);
	return 0;
}
