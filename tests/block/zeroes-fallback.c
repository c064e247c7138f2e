/* SPDX-License-Identifier: MIT */
/* Devices without write zeroes get zeroes written, unless NO_FALLBACK. */
#include "tests/block/node_test.h"
#include "util/iov.h"

enum { SIZE = 3 << 20 };

static void co_zeroes(void *opaque)
{
	struct node *node = opaque;
	char *buf = node_alloc_buffer(node, SIZE);

	memset(buf, 0xaa, SIZE);
	check_int(node_co_pwrite(node, 0, buf, SIZE, 0), 0);
	check_int(node_co_write_zeroes(node, 0, SIZE, NODE_REQ_NO_FALLBACK),
		  -ENOTSUP);
	check_int(node_co_pread(node, 0, buf, SIZE, 0), 0);
	check_int(buf[0] & 0xff, 0xaa);
	/* more than one bounce buffer, ends inside blocks */
	check_int(node_co_write_zeroes(node, 100, SIZE - 200, NODE_REQ_FUA), 0);
	check_int(node_co_pread(node, 0, buf, SIZE, 0), 0);
	check_int(buf[99] & 0xff, 0xaa);
	check(buf_is_zero(buf + 100, SIZE - 200));
	check_int(buf[SIZE - 100] & 0xff, 0xaa);
	free(buf);
}

/* Other errors are not papered over with a fallback. */
static void co_error(void *opaque)
{
	check_int(node_co_write_zeroes(opaque, 0, SIZE, 0), -EIO);
}

int main(void)
{
	struct node *node;

	test_begin();
	node = open_disk("driver=ram,size=3M,request-alignment=512,"
			 "error-op=write-zeroes,error-errno=95");
	check_int(co_run(co_zeroes, node), 0);
	close_disk(node);
	node = open_disk("driver=ram,size=3M,error-op=write-zeroes,"
			 "error-errno=5");
	check_int(co_run(co_error, node), 0);
	close_disk(node);
	test_end();
	return 0;
}
