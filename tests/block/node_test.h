/* SPDX-License-Identifier: MIT */
/*
 * What the block layer's tests share: a loop, nodes from option texts, and
 * coroutines run to their end. Included once by each test program.
 */
#ifndef TESTS_BLOCK_NODE_TEST_H
#define TESTS_BLOCK_NODE_TEST_H

#include <errno.h>

#include "block/node.h"
#include "block/options.h"
#include "loop/co.h"
#include "loop/loop.h"
#include "tests/check.h"
#include "util/clock.h"

static struct loop *test_loop;

static inline void test_begin(void)
{
	struct err err = ERR_INIT;

	check_int(loop_create(&test_loop, &err), 0);
}

static inline void test_end(void)
{
	loop_destroy(test_loop);
}

/* node_open() of a DISK text on the given loops; *node is NULL on failure */
static inline int open_on(const char *text, struct loop *const *loops,
			  int nr_loops, struct node **node, struct err *err)
{
	struct options *opts;
	int ret = options_parse(text, &opts, err);

	*node = NULL;
	if (ret < 0)
		return ret;
	ret = node_open(opts, loops, nr_loops, node, err);
	options_free(opts);
	return ret;
}

static inline int try_open(const char *text, struct node **node,
			   struct err *err)
{
	return open_on(text, &test_loop, 1, node, err);
}

/* As try_open(), for disks that must open */
static inline struct node *open_disk(const char *text)
{
	struct err err = ERR_INIT;
	struct node *node;

	if (try_open(text, &node, &err) < 0)
		fprintf(stderr, "open %s: %s\n", text, err.text);
	check(node);
	return node;
}

static inline void close_disk(struct node *node)
{
	struct err err = ERR_INIT;

	check_int(node_close(node, &err), 0);
}

#endif
