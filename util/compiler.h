/* SPDX-License-Identifier: MIT */
/*
 * Small macros that C17 lacks. No functions, no state.
 */
#ifndef UTIL_COMPILER_H
#define UTIL_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* What a compiler would rather call than have twice */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Kept out of the functions that every call goes through. */
#define RARELY __attribute__((cold, noinline))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b)                                  \
	({                                         \
		__typeof__(a) min_a_ = (a);        \
		__typeof__(b) min_b_ = (b);        \
		min_a_ < min_b_ ? min_a_ : min_b_; \
	})
#define MAX(a, b)                                  \
	({                                         \
		__typeof__(a) max_a_ = (a);        \
		__typeof__(b) max_b_ = (b);        \
		max_a_ > max_b_ ? max_a_ : max_b_; \
	})

/* align is a power of two; the caller knows that x + align can't overflow */
#define ALIGN_DOWN(x, align) ((x) & ~((__typeof__(x))(align)-1))
#define ALIGN_UP(x, align) ALIGN_DOWN((x) + (align)-1, align)
#define IS_ALIGNED(x, align) (((x) & ((__typeof__(x))(align)-1)) == 0)
#define IS_POWER_OF_TWO(x) ((x) != 0 && ((x) & ((x)-1)) == 0)

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
