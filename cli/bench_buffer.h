/* SPDX-License-Identifier: MIT */
/*
 * Buffers of the bench verb. Threads: any.
 */
#ifndef CLI_BENCH_BUFFER_H
#define CLI_BENCH_BUFFER_H

#include <string.h>

#include "cli/bench.h"

/* Bytes from one slot's buffer to the next; align is a power of two or 0. */
static inline size_t bench_stride(const struct bench *bench, size_t align)
{
	return ALIGN_UP(bench->block_bytes, MAX(align, (size_t)64));
}

/* Have all pages there, with bytes that no layer can take for zeroes. */
static inline void bench_fill(char *buf, size_t bytes)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i + sizeof(random) <= bytes; i += sizeof(random)) {
		random = random * 6364136223846793005 + 1442695040888963407;
		memcpy(buf + i, &random, sizeof(random));
	}
}

#endif
