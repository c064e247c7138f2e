/* SPDX-License-Identifier: MIT */
/*
 * Quantiles are within 1.6 % of the true ones, from one tick to 2^63; small
 * values are exact, none is above the largest seen.
 */
#include "cli/histogram.h"
#include "tests/check.h"

static struct histogram h;

static void reset(void)
{
	memset(&h, 0, sizeof(h));
}

static void check_near(uint64_t got, uint64_t want)
{
	double off = (double)got - (double)want;

	if (off > 0.016 * (double)want || -off > 0.016 * (double)want) {
		fprintf(stderr, "%llu is not near %llu\n",
			(unsigned long long)got, (unsigned long long)want);
		exit(1);
	}
}

static void check_exact(void)
{
	reset();
	check_int(histogram_quantile(&h, 0.5), 0);
	for (unsigned i = 0; i <= 60; i++)
		histogram_add(&h, i);
	check_int(histogram_quantile(&h, 0), 0);
	check_int(histogram_quantile(&h, 0.5), 30);
	check_int(histogram_quantile(&h, 1), 60);
	check_int((int)histogram_mean(&h), 30);
}

static void check_uniform(void)
{
	reset();
	for (uint64_t i = 1; i <= 1000000; i++)
		histogram_add(&h, i);
	check_near(histogram_quantile(&h, 0.5), 500000);
	check_near(histogram_quantile(&h, 0.99), 990000);
	check_near(histogram_quantile(&h, 0.999), 999000);
	check_near((uint64_t)histogram_mean(&h), 500000);
	check(histogram_quantile(&h, 1) <= 1000000);
}

static void check_magnitudes(void)
{
	for (unsigned bit = 0; bit < 64; bit++)
		for (int step = -1; step <= 1; step++) {
			uint64_t value = (UINT64_C(1) << bit) + (uint64_t)step;

			reset();
			histogram_add(&h, value);
			check(histogram_bucket(value) < HISTOGRAM_BUCKETS);
			check_near(histogram_quantile(&h, 0.5), value);
		}
}

static void check_merge(void)
{
	static struct histogram other;

	reset();
	for (unsigned i = 0; i < 10; i++) {
		histogram_add(&h, 10);
		histogram_add(&other, 50);
	}
	histogram_add(&other, 51);
	histogram_merge(&h, &other);
	check_int(histogram_quantile(&h, 0.4), 10);
	check_int(histogram_quantile(&h, 0.6), 50);
	check_int(h.max, 51);
}

int main(void)
{
	check_exact();
	check_uniform();
	check_magnitudes();
	check_merge();
	return 0;
}
