/* SPDX-License-Identifier: MIT */
/* With io_uring's fixed-buffers, requests in registered buffers reach the
 * kernel as those of registered memory, and all others as usual. */
#include <fcntl.h>
#include <unistd.h>

#include "tests/block/node_test.h"
#include "tests/io_uring/hook.h"

enum { BLOCK = 4096, SIZE = 1 << 20 };

static struct node *node;
static unsigned fixed, others;

static void count_sqe(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_READ_FIXED ||
	    sqe->opcode == IORING_OP_WRITE_FIXED)
		fixed++;
	else
		others++;
}

static void co_transfer(void *opaque)
{
	char *buf = opaque;

	memset(buf, 'b', BLOCK);
	fixed = others = 0;
	for (int i = 0; i < 4; i++) {
		check_int(node_co_pwrite(node, 0, buf, BLOCK, 0), 0);
		check_int(node_co_pread(node, 0, buf, BLOCK, 0), 0);
		check_int(buf[BLOCK - 1], 'b');
	}
}

int main(void)
{
	char path[] = "regions-fixed.XXXXXX", text[100];
	static char elsewhere[BLOCK];
	struct err err = ERR_INIT;
	struct node_buffer buf, own;
	int fd = mkstemp(path), ret;

	check(fd >= 0 && ftruncate(fd, SIZE) == 0);
	close(fd);
	test_begin();
	hook.sqe = count_sqe;
	snprintf(text, sizeof(text),
		 "driver=io_uring,path=%s,fixed-buffers=true", path);
	ret = try_open(text, &node, &err);
	unlink(path);
	if (ret == -ENOSYS)
		check_skip(err.text);
	check_int(ret, 0);
	check(node_limits(node)->uses_regions);
	check(!node_limits(node)->needs_regions);

	check_int(co_run(co_transfer, elsewhere), 0);
	check_int(fixed, 0);
	check_int(others, 8);
	check_int(node_buffer_alloc(node, SIZE, &buf), 0);
	check_int(co_run(co_transfer, buf.addr), 0);
	if (fixed == 0)
		check_skip("the kernel registers no buffers here");
	/* the queue looks for new regions once it has something to do */
	check(others <= 1);
	check_int(fixed + others, 8);

	/* the caller's own memory */
	own = (struct node_buffer){.len = 4 * BLOCK, .fd = -1};
	check_int(posix_memalign(&own.addr, BLOCK, own.len), 0);
	check_int(node_register_buf(node, &own, &err), 0);
	check_int(co_run(co_transfer, own.addr), 0);
	check(fixed >= 7);
	node_unregister_buf(node, &own);
	check_int(co_run(co_transfer, own.addr), 0);
	check_int(fixed, 0);
	free(own.addr);
	check_int(co_run(co_transfer, buf.addr), 0);
	check_int(fixed, 8);
	node_buffer_free(node, &buf);
	close_disk(node);
	test_end();
	return 0;
}
