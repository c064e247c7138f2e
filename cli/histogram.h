/* SPDX-License-Identifier: MIT */
/*
 * Histogram of 64-bit values with buckets that grow with the value: exact
 * below 64, then 32 buckets to each power of two, so a quantile is off by at
 * most 1.6 %. Adding costs a few instructions and never allocates.
 *
 * Threads: one at a time.
 */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t max;
};

static inline unsigned histogram_bucket(uint64_t value)
{
	unsigned shift = 0;

	if (value >> (HISTOGRAM_SUB_BITS + 1))
		shift = 63u - HISTOGRAM_SUB_BITS -
			(unsigned)__builtin_clzll(value);
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(value >> shift);
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
	h->counts[histogram_bucket(value)]++;
	if (value > h->max)
		h->max = value;
}

/* Add all of from to h. */
void histogram_merge(struct histogram *h, const struct histogram *from);

/*
 * The value that a part q (0 to 1) of all values does not exceed: the middle
 * of its bucket, at most max; 0 when the histogram is empty.
 */
uint64_t histogram_quantile(const struct histogram *h, double q);

double histogram_mean(const struct histogram *h);

#endif
