/* SPDX-License-Identifier: MIT */
/*
 * A clock that costs a few nanoseconds where clock_gettime(2) costs tens:
 * the processor's counter. It runs at a constant rate that is not known
 * here; who measures reads both clocks at both ends of a run and scales.
 *
 * Threads: any.
 */
#ifndef CLI_TICKS_H
#define CLI_TICKS_H

#include <stdint.h>

#include "util/clock.h"

static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	return (uint64_t)clock_now_ns();
#endif
}

#endif
