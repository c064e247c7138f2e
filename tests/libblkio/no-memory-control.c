/* SPDX-License-Identifier: MIT */
/* Whichever call for memory or an fd fails on the way from create to destroy:
 * the step says so, leaves the instance as it was, and succeeds next time. */
#include "tests/libblkio/blkio_test.h"
#include "tests/libblkio/fail_nth.h"

static bool failed; /* the armed call has come, and a step told of it */

/* A step that may fail once, and then succeeds. */
#define step(call)                                                 \
	do {                                                       \
		int ret_ = (call);                                 \
		if (ret_ < 0) {                                    \
			check(!failed);                            \
			check(fail_calls > fail_after);            \
			check(ret_ == -ENOMEM || ret_ == -EMFILE); \
			check(*blkio_get_error_msg());             \
			failed = true;                             \
			check_ok(call);                            \
		}                                                  \
	} while (0)

static void regions(struct blkio *b)
{
	struct blkio_mem_region r[20];

	for (int i = 0; i < 20; i++) {
		step(blkio_alloc_mem_region(b, &r[i], 4096));
		step(blkio_map_mem_region(b, &r[i]));
	}
	blkio_unmap_mem_region(b, &r[3]);
	blkio_free_mem_region(b, &r[4]);
}

static void queues(struct blkio *b)
{
	for (int i = 0; i < 5; i++) {
		step(blkio_add_queue(b));
		step(blkio_add_poll_queue(b));
		check(blkio_get_queue(b, i + 2));
		check(blkio_get_poll_queue(b, i));
	}
}

static void life(const char *driver, const char *latency)
{
	struct blkio *b;
	char *text = NULL;

	step(blkio_create(driver, &b));
	step(blkio_set_str(b, "error-op", "any"));
	step(blkio_set_str(b, "error-op", "discard"));
	step(blkio_set_str(b, "size", "1048576"));
	step(blkio_set_str(b, "latency-us", latency));
	step(blkio_get_str(b, "error-op", &text));
	check_str(text, "discard");
	free(text);
	step(blkio_connect(b));
	step(blkio_resize(b, 2097152));
	check_int(test_u64(b, "capacity"), 2097152);
	step(blkio_set_int(b, "num-queues", 2));
	step(blkio_start(b));
	queues(b);
	regions(b);
	fail_arm(FAIL_NEVER, 1);
	blkioq_discard(blkio_get_queue(b, 1), 0, 512, NULL, 0);
	check_int(test_result(blkio_get_queue(b, 1)), -EIO);
	blkio_destroy(&b);
}

int main(void)
{
	static const char *const drivers[] = {"null", "ram"};
	int nr_fds = test_nr_open_fds();

	for (size_t i = 0; i < 4; i++) {
		int n = 0;

		do {
			failed = false;
			fail_arm(n, 1);
			life(drivers[i % 2], i < 2 ? "0" : "50");
			check_int(test_nr_open_fds(), nr_fds);
			n++;
		} while (failed || n < 40);
		check(n > 40); /* there was something to fail */
	}
	return 0;
}
