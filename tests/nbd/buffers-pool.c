/* SPDX-License-Identifier: MIT */
/* The buffer pool: last in first out, bounded, and empty after idle time. */
#include "block/node.h"
#include "block/options.h"
#include "export/nbd/buffers.h"
#include "tests/check.h"
#include "util/clock.h"

#define MIB ((size_t)1 << 20)

static bool is_empty(void *opaque)
{
	return ((struct buffers *)opaque)->cached_bytes == 0;
}

static void reuse(struct buffers *b)
{
	static const size_t sizes[] = {1, 4096, 4097, 65536, 300000, 5 * MIB};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *first = buffers_get(b, sizes[i]);
		void *second = buffers_get(b, sizes[i]);

		check(first && second && first != second);
		memset(first, 1, sizes[i]);
		memset(second, 2, sizes[i]);
		buffers_put(b, first, sizes[i]);
		buffers_put(b, second, sizes[i]);
		check(buffers_get(b, sizes[i]) == second);
		check(buffers_get(b, sizes[i]) == first);
		buffers_put(b, second, sizes[i]);
		buffers_put(b, first, sizes[i]);
		check(b->cached_bytes <= BUFFERS_CACHED_MAX);
	}
}

static void bounded(struct buffers *b)
{
	void *bufs[8];

	for (int i = 0; i < 8; i++)
		bufs[i] = buffers_get(b, 32 * MIB);
	for (int i = 0; i < 8; i++) {
		buffers_put(b, bufs[i], 32 * MIB);
		check(b->cached_bytes <= BUFFERS_CACHED_MAX);
	}
	check(b->cached_bytes > BUFFERS_CACHED_MAX - 32 * MIB);
	buffers_put(b, NULL, 32 * MIB);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct options *opts;
	struct buffers b;
	struct loop *loop;
	struct node *node;
	int64_t start;

	check_int(loop_create(&loop, &err), 0);
	check_int(options_parse("driver=null,size=1M", &opts, &err), 0);
	check_int(node_open(opts, &loop, 1, &node, &err), 0);
	options_free(opts);
	buffers_init(&b, node, loop);

	reuse(&b);
	bounded(&b);
	start = clock_now_ns();
	loop_run_until(loop, is_empty, &b);
	check(clock_now_ns() - start >= NS_PER_SEC);
	/* and it works on, with the timer started anew */
	reuse(&b);
	check(b.cached_bytes > 0);
	buffers_destroy(&b);
	check_int(b.cached_bytes, 0);
	check_int(node_close(node, &err), 0);
	loop_destroy(loop);
	return 0;
}
