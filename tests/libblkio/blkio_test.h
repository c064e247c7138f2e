/* SPDX-License-Identifier: MIT */
/*
 * What most tests of the library begin with: an instance in some state, and
 * waiting for completions within bounds. A function ends the test when
 * something goes wrong that the test is not about.
 */
#ifndef TESTS_BLKIO_TEST_H
#define TESTS_BLKIO_TEST_H

#include <blkio-ext.h>
#include <limits.h>
#include <signal.h>

#include "tests/blkio_check.h"
#include "util/clock.h"
#include "util/compiler.h"

/* No wait in a test that passes takes this long. */
#define TEST_TIMEOUT_S 20

/* props: "name=value", separated by blanks; may be "" */
static inline void test_set(struct blkio *b, const char *props)
{
	char *copy = strdup(props), *rest = copy, *word;

	check(copy);
	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = '\0';
		check_ok(blkio_set_str(b, word, value));
	}
	free(copy);
}

static inline struct blkio *test_create(const char *driver, const char *props)
{
	struct blkio *b;

	check_ok(blkio_create(driver, &b));
	test_set(b, props);
	return b;
}

static inline struct blkio *test_connect(const char *driver, const char *props)
{
	struct blkio *b = test_create(driver, props);

	check_ok(blkio_connect(b));
	return b;
}

/* With one queue, unless the driver's default is another. */
static inline struct blkio *test_start(const char *driver, const char *props)
{
	struct blkio *b = test_connect(driver, props);

	check_ok(blkio_start(b));
	return b;
}

/* Fetch exactly n completions. */
static inline void test_wait(struct blkioq *q, struct blkio_completion *c,
			     int n)
{
	struct timespec timeout = {.tv_sec = TEST_TIMEOUT_S};

	check_ok(blkioq_do_io(q, c, n, n, &timeout));
}

/* Fetch the one completion that is outstanding: its result. */
static inline int test_result(struct blkioq *q)
{
	struct blkio_completion c = {.ret = 1};

	test_wait(q, &c, 1);
	return c.ret;
}

static inline uint64_t test_u64(struct blkio *b, const char *name)
{
	uint64_t value;

	check_ok(blkio_get_uint64(b, name, &value));
	return value;
}

#endif
