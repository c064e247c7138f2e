/* SPDX-License-Identifier: MIT */
/*
 * Quantiles of a histogram: see histogram.h.
 */
#include "cli/histogram.h"

#include "util/compiler.h"

/* The middle of a bucket */
static uint64_t bucket_value(unsigned bucket)
{
	unsigned shift = bucket >> HISTOGRAM_SUB_BITS;
	uint64_t low;

	if (shift < 2) /* one value each */
		return bucket;
	shift--;
	low = (uint64_t)(bucket - (shift << HISTOGRAM_SUB_BITS)) << shift;
	return low + (UINT64_C(1) << shift) / 2;
}

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->counts[i] += from->counts[i];
	h->max = MAX(h->max, from->max);
}

static uint64_t total(const struct histogram *h)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum += h->counts[i];
	return sum;
}

uint64_t histogram_quantile(const struct histogram *h, double q)
{
	uint64_t n = total(h), seen = 0;
	uint64_t rank = n ? (uint64_t)(q * (double)(n - 1)) : 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->counts[i];
		if (seen > rank)
			return MIN(bucket_value(i), h->max);
	}
	return 0;
}

double histogram_mean(const struct histogram *h)
{
	uint64_t n = total(h);
	double sum = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum += (double)h->counts[i] * (double)bucket_value(i);
	return n ? sum / (double)n : 0;
}
