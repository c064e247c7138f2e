/* SPDX-License-Identifier: MIT */
/* A ram disk whose memory is locked (mlockall) can't give pages back: what is
 * discarded or zeroed reads as zeroes all the same. */
#include <sys/mman.h>

#include "tests/libblkio/blkio_test.h"

#define LEN 65536

static char buf[LEN];

static void check_zero_after(struct blkioq *q, bool discard)
{
	memset(buf, 'x', LEN);
	blkioq_write(q, 0, buf, LEN, NULL, 0);
	check_int(test_result(q), 0);
	if (discard)
		blkioq_discard(q, 0, LEN, NULL, 0);
	else
		blkioq_write_zeroes(q, 0, LEN, NULL, 0);
	check_int(test_result(q), 0);
	blkioq_read(q, 0, buf, LEN, NULL, 0);
	check_int(test_result(q), 0);
	for (int i = 0; i < LEN; i++)
		check_int(buf[i], 0);
}

int main(void)
{
	struct blkio *b = test_start("ram", "size=65536");
	struct blkioq *q = blkio_get_queue(b, 0);

	if (mlockall(MCL_CURRENT | MCL_ONFAULT) < 0)
		check_skip("no permission to lock memory");
	check_zero_after(q, true);
	check_zero_after(q, false);
	blkio_destroy(&b);
	return 0;
}
