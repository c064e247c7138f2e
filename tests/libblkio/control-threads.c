/* SPDX-License-Identifier: MIT */
/* Control calls on one instance from several threads, while another does
 * I/O: each call is whole, indices and regions are nobody else's. */
#include <pthread.h>

#include "tests/libblkio/blkio_test.h"

#define ROUNDS 300

static struct blkio *b;

static void *properties(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *driver;

		check_ok(blkio_get_str(b, "driver", &driver));
		check_str(driver, "null");
		free(driver);
		check(test_u64(b, "capacity") % 4096 == 0);
		check_ok(blkio_resize(b, 4096 * (1000 + i)));
		check_fails(blkio_set_uint64(b, "size", i), EBUSY, "size");
	}
	return NULL;
}

static void *queues(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		int index = blkio_add_queue(b);
		struct blkioq *q;

		check(index > 0);
		q = blkio_get_queue(b, index);
		check(q);
		blkioq_flush(q, NULL, 0);
		check_int(test_result(q), 0);
		check_int(blkio_remove_queue(b, index), 0);
	}
	return NULL;
}

static void *regions(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct blkio_mem_region r;

		check_ok(blkio_alloc_mem_region(b, &r, 4096));
		check_ok(blkio_map_mem_region(b, &r));
		memset(r.addr, 1, r.len);
		blkio_unmap_mem_region(b, &r);
		blkio_free_mem_region(b, &r);
	}
	return NULL;
}

static void *io(void *arg)
{
	struct blkioq *q = blkio_get_queue(b, 0);
	static char buf[4096];

	for (int i = 0; i < ROUNDS * 10; i++) {
		blkioq_read(q, 0, buf, sizeof(buf), NULL, 0);
		check_int(test_result(q), 0);
	}
	return NULL;
}

int main(void)
{
	static void *(*const jobs[])(void *) = {
		properties, properties, queues, queues, regions, regions, io,
	};
	pthread_t threads[ARRAY_SIZE(jobs)];

	b = test_start("null", "");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		check_int(pthread_create(&threads[i], NULL, jobs[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		check_int(pthread_join(threads[i], NULL), 0);
	blkio_destroy(&b);
	return 0;
}
