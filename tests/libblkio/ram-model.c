/* SPDX-License-Identifier: MIT */
/* Random requests on a ram disk beside a plain array: the same bytes, and a
 * block status that never calls data zero and accounts for every byte. */
#include "tests/libblkio/blkio_test.h"

#define SIZE (64 * 4096 + 1234)
#define ROUNDS 20000

static unsigned char model[SIZE], buf[SIZE];
static struct blkioq *q;
static uint32_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Often aligned to pages, where the edges are. */
static void range(uint64_t *start, uint64_t *len)
{
	*start = rnd(SIZE + 1);
	*len = rnd(3) ? rnd(3 * 4096) : rnd(SIZE);
	if (rnd(2))
		*start &= ~UINT64_C(4095);
	if (rnd(2))
		*len &= ~UINT64_C(4095);
	*len = MIN(*len, SIZE - *start);
}

static void done(void)
{
	check_int(test_result(q), 0);
}

static void check_read(uint64_t start, uint64_t len)
{
	blkioq_read(q, start, buf, len, NULL, 0);
	done();
	check_int(memcmp(buf, model + start, len), 0);
}

static void do_write(uint64_t start, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++)
		model[start + i] = rnd(256);
	if (rnd(2)) {
		blkioq_write(q, start, model + start, len, NULL, rnd(2));
	} else {
		size_t first = rnd(len + 1);
		struct iovec iov[2] = {{model + start, first},
				       {model + start + first, len - first}};

		blkioq_writev(q, start, iov, 2, NULL, rnd(2));
		done();
		return;
	}
	done();
}

static void check_status(uint64_t start, uint64_t len)
{
	static struct blkio_extent e[200];
	uint32_t max = rnd(3) ? 200 : rnd(5) + 1;
	uint64_t pos = start;
	int n;

	blkioq_block_status(q, start, len, e, max, NULL, 0);
	n = test_result(q);
	check(n >= (len > 0) && n <= (int)max);
	for (int i = 0; i < n; i++) {
		check(e[i].len > 0 && e[i].len <= start + len - pos);
		check_int(e[i].reserved_, 0);
		for (uint64_t j = 0; e[i].flags && j < e[i].len; j++)
			check_int(model[pos + j], 0);
		check(i == 0 || e[i].flags != e[i - 1].flags);
		pos += e[i].len;
	}
	check(n == (int)max || pos == start + len);
}

static void step(void)
{
	uint64_t start, len;

	range(&start, &len);
	switch (rnd(8)) {
	case 0:
	case 1:
		do_write(start, len);
		break;
	case 2:
		memset(model + start, 0, len);
		blkioq_write_zeroes(q, start, len, NULL, rnd(8));
		done();
		break;
	case 3:
		memset(model + start, 0, len);
		blkioq_discard(q, start, len, NULL, 0);
		done();
		break;
	case 4:
	case 5:
		check_status(start, len);
		break;
	default:
		check_read(start, len);
		break;
	}
}

int main(void)
{
	struct blkio *b = test_create("ram", "");

	check_ok(blkio_set_uint64(b, "size", SIZE));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	q = blkio_get_queue(b, 0);
	for (int i = 0; i < ROUNDS; i++)
		step();
	check_read(0, SIZE);
	blkio_destroy(&b);
	return 0;
}
