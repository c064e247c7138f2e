/* SPDX-License-Identifier: MIT */
/*
 * More bytes than the kernel moves in one go (2 GiB less a page) are read in
 * several, to the last.
 */
#include "tests/io_uring/iou_test.h"

#include <limits.h>

#define PIECE (3 * (uint64_t)MIB)
#define FILE_BYTES (PIECE * IOV_MAX)

int main(void)
{
	const char *path = temp_file(FILE_BYTES);
	/* with O_DIRECT no page cache is filled by reading a hole */
	struct blkio *b = open_disk(path, "direct=true", NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(PIECE), *last = buffer(PIECE);
	struct iovec iov[IOV_MAX];

	/* all but the last read into the same memory */
	for (int i = 0; i < IOV_MAX; i++)
		iov[i] = (struct iovec){ buf, PIECE };
	iov[IOV_MAX - 1].iov_base = last;
	fill_pattern(last, 0, 8192);
	check_int(do_write(q, FILE_BYTES - 8192, last, 8192, 0), 0);
	memset(last, 0xee, PIECE);
	blkioq_readv(q, 0, iov, IOV_MAX, NULL, 0);
	check_int(next_ret(q), 0);
	check(all_zero(last, PIECE - 8192));
	check(has_pattern(last + PIECE - 8192, 0, 8192));
	blkio_destroy(&b);
	free(buf);
	free(last);
	return 0;
}
