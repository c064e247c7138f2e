/* SPDX-License-Identifier: MIT */
/* error-after and error-count: exactly those requests fail, whatever waits in
 * the backlog, is refused, or does not match. */
#include "tests/libblkio/blkio_test.h"

#define NR 20
#define IS_READ 0x100 /* in user_data, with the read's number */

/* Results of NR reads among flushes: '.' done, 'E' failed. */
static void check_reads(const char *props, const char *want)
{
	struct blkio *b = test_start("null", props);
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_completion c[3 * NR];
	char got[NR + 1] = "", buf[64];

	for (uintptr_t i = 0; i < NR; i++) {
		blkioq_flush(q, NULL, 0);
		blkioq_read(q, 0, buf, sizeof(buf), NULL, BLKIO_REQ_FUA);
		blkioq_read(q, 0, buf, sizeof(buf), (void *)(IS_READ | i), 0);
	}
	test_wait(q, c, 3 * NR);
	for (int i = 0; i < 3 * NR; i++) {
		uintptr_t user = (uintptr_t)c[i].user_data;

		if (user & IS_READ)
			got[user & ~IS_READ] = c[i].ret == 0 ? '.' : 'E';
		else
			check(c[i].ret == 0 || c[i].ret == -EINVAL);
	}
	check_str(got, want);
	blkio_destroy(&b);
}

int main(void)
{
	check_reads("error-op=read", "EEEEEEEEEEEEEEEEEEEE");
	check_reads("error-op=read error-after=5", ".....EEEEEEEEEEEEEEE");
	check_reads("error-op=read error-count=3", "EEE.................");
	check_reads("error-op=read error-after=18 error-count=1",
		    "..................E.");
	check_reads("error-op=read error-after=20", "....................");
	check_reads("error-op=write", "....................");
	check_reads("error-op=read error-after=2 error-count=3 queue-depth=2",
		    "..EEE...............");
	check_reads("error-op=read error-after=2 error-count=3 queue-depth=2 "
		    "latency-us=20",
		    "..EEE...............");
	check_reads("error-op=read error-after=18446744073709551615",
		    "....................");
	return 0;
}
