/* SPDX-License-Identifier: MIT */
/* Two queues make requests from their mapped memory while another thread maps
 * and unmaps other regions: no request misses its region, and none finds one
 * that is gone. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/libblkio/blkio_test.h"

#define ROUNDS 2000

static atomic_bool stop;

struct user {
	struct blkioq *q;
	uint64_t start; /* bytes of the disk for itself */
	char *buf;	/* mapped */
};

static void *use(void *arg)
{
	struct user *user = arg;
	char elsewhere[512];

	while (!atomic_load(&stop)) {
		blkioq_write(user->q, user->start, user->buf, 4096, NULL, 0);
		check_int(test_result(user->q), 0);
		blkioq_read(user->q, user->start, elsewhere, 512, NULL, 0);
		check_int(test_result(user->q), -EFAULT);
	}
	return NULL;
}

int main(void)
{
	struct blkio *b = test_connect("ram", "needs-mem-regions=true "
					      "size=1048576");
	struct blkio_mem_region own, other[8];
	struct user users[2];
	pthread_t threads[2];

	check_ok(blkio_set_int(b, "num-queues", 2));
	check_ok(blkio_start(b));
	check_ok(blkio_alloc_mem_region(b, &own, 8192));
	check_ok(blkio_map_mem_region(b, &own));
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		check_ok(blkio_alloc_mem_region(b, &other[i], 4096));
	for (int i = 0; i < 2; i++) {
		users[i].q = blkio_get_queue(b, i);
		users[i].start = i * 4096;
		users[i].buf = (char *)own.addr + i * 4096;
		check_int(pthread_create(&threads[i], NULL, use, &users[i]), 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		const struct blkio_mem_region *r =
			&other[i % ARRAY_SIZE(other)];

		check_ok(blkio_map_mem_region(b, r));
		check_int(blkio_map_mem_region(b, r), -EINVAL);
		if (i % 3)
			blkio_unmap_mem_region(b, r);
		else
			blkio_free_mem_region(b, r);
		if (i % 3 == 0)
			check_ok(blkio_alloc_mem_region(
				b, &other[i % ARRAY_SIZE(other)], 4096));
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	/* what is unmapped is refused at once */
	blkio_unmap_mem_region(b, &own);
	blkioq_write(users[0].q, 0, users[0].buf, 4096, NULL, 0);
	check_int(test_result(users[0].q), -EFAULT);
	blkio_destroy(&b);
	return 0;
}
