/* SPDX-License-Identifier: MIT */
/* For a device that needs memory regions, buffers come out of registered
 * memory while there is some, then out of other, and after idle time it's
 * given back. */
#include <stdlib.h>

#include "block/node_int.h"
#include "block/options.h"
#include "export/nbd/buffers.h"
#include "tests/check.h"

#define KIB ((size_t)1 << 10)

static struct node *node;
static struct buffers b;

static bool in_slab(const char *buf)
{
	const char *slab = b.slab.addr;

	return slab && buf >= slab && buf < slab + b.slab.len;
}

static bool is_empty(void *opaque)
{
	return !b.slab.addr && b.cached_bytes == 0;
}

static void co_request(void *opaque)
{
	check_int(node_co_pwrite(node, 0, opaque, 64 * KIB, 0), 0);
	check_int(node_co_pread(node, 0, opaque, 64 * KIB, 0), 0);
}

static void get_all(void)
{
	char *bufs[300];
	int n = 0;

	do {
		bufs[n] = buffers_get(&b, 64 * KIB);
		check(bufs[n]);
		memset(bufs[n], n, 64 * KIB);
	} while (in_slab(bufs[n++]));
	check_int(n, b.slab.len / (64 * KIB) + 1);
	for (int i = 0; i < n; i++) {
		check_int(bufs[i][0], (char)i);
		check_int(bufs[i][64 * KIB - 1], (char)i);
	}
	/* only the one that found no room is copied */
	for (int i = 0; i < n - 1; i++)
		check_int(co_run(co_request, bufs[i]), 0);
	check_int(node->loops[0].bounce.mem.len, 0);
	check_int(co_run(co_request, bufs[n - 1]), 0);
	check(node->loops[0].bounce.mem.len > 0);
	while (n > 0)
		buffers_put(&b, bufs[--n], 64 * KIB);
}

static void sizes(void)
{
	static const size_t each[] = {
		1, 4096, 4097, 300000, 1024 * KIB, 1024 * KIB + 1, 5000 * KIB};
	char *bufs[ARRAY_SIZE(each)];

	for (size_t i = 0; i < ARRAY_SIZE(each); i++) {
		bufs[i] = buffers_get(&b, each[i]);
		memset(bufs[i], 1, each[i]);
		check(in_slab(bufs[i]) == (each[i] <= 1024 * KIB));
	}
	for (size_t i = 0; i < ARRAY_SIZE(each); i++)
		buffers_put(&b, bufs[i], each[i]);
	check_int(b.arena.nr_used, 0);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct options *opts;
	struct loop *loop;

	check_int(loop_create(&loop, &err), 0);
	check_int(options_parse("driver=ram,size=1M,needs-mem-regions=true,"
				"max-mem-regions=2",
				&opts, &err),
		  0);
	check_int(node_open(opts, &loop, 1, &node, &err), 0);
	options_free(opts);
	buffers_init(&b, node, loop);
	for (int i = 0; i < 2; i++) {
		sizes();
		loop_run_until(loop, is_empty, NULL);
	}
	get_all();
	buffers_destroy(&b);
	check(is_empty(NULL));
	check_int(node_close(node, &err), 0);
	loop_destroy(loop);
	return 0;
}
