/* SPDX-License-Identifier: MIT */
/* What an instance says of its connection; waiting, with a deadline. */
#ifndef TESTS_CONNECTION_H
#define TESTS_CONNECTION_H

#include "tests/libblkio/blkio_test.h"

static inline void await_connection(struct blkio *b,
				    enum blkio_connection wanted)
{
	const struct timespec pause = {.tv_nsec = NS_PER_MS / 10};
	int64_t end_ns = clock_now_ns() + TEST_TIMEOUT_S * NS_PER_SEC;
	struct blkio_status status = {.connection = wanted};

	for (;;) {
		/* one that is lost can't be asked for its size */
		int ret = blkio_get_status(b, &status);

		check(ret == 0 || wanted == BLKIO_CONNECTION_LOST);
		if (status.connection == wanted)
			return;
		check(clock_now_ns() < end_ns);
		nanosleep(&pause, NULL);
	}
}

#endif
