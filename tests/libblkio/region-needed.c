/* SPDX-License-Identifier: MIT */
/* With needs-mem-regions a buffer has to lie in one mapped region. */
#include "tests/libblkio/blkio_test.h"

static struct blkio *b;
static struct blkioq *q;

static int read_into(char *buf, size_t len)
{
	blkioq_read(q, 0, buf, len, NULL, 0);
	return test_result(q);
}

int main(void)
{
	struct blkio_mem_region r, second;
	struct iovec iov[2];
	char *mem;

	b = test_start("ram", "size=1048576 needs-mem-regions=true");
	q = blkio_get_queue(b, 0);
	check_ok(blkio_alloc_mem_region(b, &r, 8192));
	mem = r.addr;
	check_int(read_into(mem, 4096), -EFAULT);
	check_int(read_into(NULL, 0), 0);

	r.len = 4096; /* two regions that touch */
	second = r;
	second.addr = mem + 4096;
	second.fd_offset = 4096;
	check_ok(blkio_map_mem_region(b, &r));
	check_ok(blkio_map_mem_region(b, &second));
	check_int(read_into(mem, 4096), 0);
	check_int(read_into(mem + 4096, 4096), 0);
	check_int(read_into(mem + 100, 3996), 0);
	check_int(read_into(mem + 100, 3997), -EFAULT);
	check_int(read_into(mem, 8192), -EFAULT);
	check_int(read_into(mem + 8191, 1), 0);
	check_int(read_into(mem + 8192, 1), -EFAULT);

	iov[0] = (struct iovec){mem, 4096};
	iov[1] = (struct iovec){mem + 4096, 4096};
	blkioq_readv(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), 0);
	blkio_unmap_mem_region(b, &second);
	blkioq_readv(q, 0, iov, 2, NULL, 0);
	check_int(test_result(q), -EFAULT);
	blkio_destroy(&b);
	return 0;
}
