/* SPDX-License-Identifier: MIT */
/* A connect or start that fails leaves the instance as it was: nothing leaks
 * and, once the cause is gone, the next try succeeds. */
#include <sys/resource.h>

#include "tests/libblkio/blkio_test.h"

static void connect_again(const char *driver)
{
	struct blkio *b = test_create(driver, "size=18446744073709551615");
	uint64_t capacity;

	check_fails(blkio_connect(b), EINVAL, "size 18446744073709551615");
	check_fails(blkio_get_uint64(b, "capacity", &capacity), ENODEV,
		    "connected");
	check_ok(blkio_set_uint64(b, "size", 4096));
	check_ok(blkio_connect(b));
	check_int(test_u64(b, "capacity"), 4096);
	blkio_destroy(&b);
}

static void start_again(const char *driver)
{
	int nr_fds = test_nr_open_fds();
	struct blkio *b = test_connect(driver, "supports-poll-queues=false");
	struct rlimit old, tight;

	check_ok(blkio_set_int(b, "num-poll-queues", 1));
	check_fails(blkio_start(b), EINVAL, "Poll queues not supported");
	check_ok(blkio_set_int(b, "num-poll-queues", 0));

	/* room for two of three queues */
	check_ok(blkio_set_int(b, "num-queues", 3));
	check_int(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = nr_fds + 2;
	check_int(setrlimit(RLIMIT_NOFILE, &tight), 0);
	check_fails(blkio_start(b), EMFILE, "completion fd");
	check(!blkio_get_queue(b, 0));
	check_int(test_nr_open_fds(), nr_fds);
	check_int(setrlimit(RLIMIT_NOFILE, &old), 0);

	check_ok(blkio_set_int(b, "num-queues", 2)); /* still connected */
	check_ok(blkio_start(b));
	check(blkio_get_queue(b, 1));
	blkio_destroy(&b);
	check_int(test_nr_open_fds(), nr_fds);
}

int main(void)
{
	connect_again("null");
	connect_again("ram");
	start_again("null");
	start_again("ram");
	return 0;
}
