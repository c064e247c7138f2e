/* SPDX-License-Identifier: MIT */
/* Once a queue has been at its depth, requests make no allocation and no
 * system call: none at all on null and ram, whatever is waited for. */
#include "tests/libblkio/blkio_test.h"
#include "tests/libblkio/fail_nth.h"

#define DEPTH 200

static int nr_calls;

#define COUNTED(type, name, params, args)  \
	type __real_##name params;         \
	type __wrap_##name params;         \
	type __wrap_##name params          \
	{                                  \
		nr_calls++;                \
		return __real_##name args; \
	}

COUNTED(ssize_t, write, (int fd, const void *buf, size_t len), (fd, buf, len))
COUNTED(int, ppoll,
	(struct pollfd * fds, nfds_t nr, const struct timespec *t,
	 const sigset_t *sig),
	(fds, nr, t, sig))
COUNTED(int, timerfd_settime,
	(int fd, int flags, const struct itimerspec *its,
	 struct itimerspec *old),
	(fd, flags, its, old))
COUNTED(int, clock_gettime, (clockid_t clock, struct timespec *t), (clock, t))

static void batch(struct blkioq *q)
{
	static char buf[DEPTH][512];
	static struct blkio_completion c[DEPTH];
	int left = DEPTH;

	for (int i = 0; i < DEPTH; i++) {
		if (i % 2)
			blkioq_read(q, 512 * i, buf[i], 512, NULL, 0);
		else
			blkioq_write(q, 512 * i, buf[i], 512, NULL, 0);
	}
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	while (left > 0) {
		int n = blkioq_do_io(q, c, 1, 30, NULL);

		check(n > 0);
		left -= n;
	}
}

static void check_driver(const char *driver)
{
	struct blkio *b = test_start(driver, "size=1048576");
	struct blkioq *q;

	check_int(blkio_add_poll_queue(b), 0);
	for (int poll = 0; poll < 2; poll++) {
		q = poll ? blkio_get_poll_queue(b, 0) : blkio_get_queue(b, 0);
		batch(q);
		nr_calls = 0;
		fail_arm(FAIL_NEVER, 1);
		for (int i = 0; i < 100; i++)
			batch(q);
		check_int(fail_calls, 0);
		check_int(nr_calls, 0);
	}
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null");
	check_driver("ram");
	return 0;
}
