/* SPDX-License-Identifier: MIT */
/*
 * Makes the nth call that takes memory, an fd or address space fail. A test
 * that includes this is linked with --wrap for each function here (the list
 * is in meson.build). Only calls made while it is armed count, from any
 * code in the program but not from inside shared libraries.
 */
#ifndef TESTS_FAIL_NTH_H
#define TESTS_FAIL_NTH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAIL_NEVER INT64_MAX

static int64_t fail_after = FAIL_NEVER; /* this many calls succeed first */
static int64_t fail_count = 1;		/* and then so many fail */
static int64_t fail_calls;		/* counted so far */

static inline bool fails_now(int errnum)
{
	int64_t n = fail_calls++;

	if (n < fail_after || n - fail_after >= fail_count)
		return false;
	errno = errnum;
	return true;
}

static inline void fail_arm(int64_t after, int64_t count)
{
	fail_calls = 0;
	fail_after = after;
	fail_count = count;
}

#define FAILING(type, name, errnum, failed, params, args)               \
	type __real_##name params;                                      \
	type __wrap_##name params;                                      \
	type __wrap_##name params                                       \
	{                                                               \
		return fails_now(errnum) ? failed : __real_##name args; \
	}

FAILING(void *, malloc, ENOMEM, NULL, (size_t size), (size))
FAILING(void *, calloc, ENOMEM, NULL, (size_t n, size_t size), (n, size))
FAILING(void *, reallocarray, ENOMEM, NULL, (void *p, size_t n, size_t size),
	(p, n, size))
FAILING(void *, aligned_alloc, ENOMEM, NULL, (size_t align, size_t size),
	(align, size))
FAILING(char *, strdup, ENOMEM, NULL, (const char *s), (s))
FAILING(int, eventfd, EMFILE, -1, (unsigned value, int flags), (value, flags))
FAILING(int, timerfd_create, EMFILE, -1, (int clock, int flags), (clock, flags))
FAILING(int, memfd_create, EMFILE, -1, (const char *name, unsigned flags),
	(name, flags))
FAILING(int, ftruncate64, ENOMEM, -1, (int fd, off_t len), (fd, len))
FAILING(int, mprotect, ENOMEM, -1, (void *p, size_t len, int prot),
	(p, len, prot))
FAILING(void *, mmap64, ENOMEM, (void *)-1,
	(void *p, size_t len, int prot, int flags, int fd, off_t offset),
	(p, len, prot, flags, fd, offset))

#endif
