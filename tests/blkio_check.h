/* SPDX-License-Identifier: MIT */
/*
 * What tests of the library say of its calls, beyond tests/check.h. Through
 * <blkio.h> alone, so that a test may run on any libblkio.
 */
#ifndef TESTS_BLKIO_CHECK_H
#define TESTS_BLKIO_CHECK_H

#include <blkio.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "tests/check.h"

/* 0 or more, or fail with the library's text */
#define check_ok(call)                                                   \
	do {                                                             \
		int check_ret_ = (call);                                 \
		if (check_ret_ < 0) {                                    \
			fprintf(stderr, "%s:%d: %s: %d: %s\n", __FILE__, \
				__LINE__, #call, check_ret_,             \
				blkio_get_error_msg());                  \
			exit(1);                                         \
		}                                                        \
	} while (0)

/* -errnum, and a text that has part */
#define check_fails(call, errnum, part)                      \
	do {                                                 \
		check_int(call, -(errnum));                  \
		check_contains(blkio_get_error_msg(), part); \
	} while (0)

static inline bool test_readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int ret;

	do
		ret = poll(&p, 1, timeout_ms);
	while (ret < 0 && errno == EINTR);
	return ret == 1;
}

/* Take the signal of a completion fd; false when there is none. */
static inline bool test_consume(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

static inline int test_nr_open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
	return n;
}

#endif
