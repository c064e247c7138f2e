/* SPDX-License-Identifier: MIT */
/* Requests in registered buffers skip the bounce pool, all others use it; the
 * pool's own region is always left; what is registered goes with the node. */
#include <dirent.h>
#include <stdlib.h>

#include "block/node_int.h"
#include "tests/block/node_test.h"

enum { REGION = 65536, BLOCK = 4096 };

static struct node *node;

/* Whether a write from buf was copied. It arrives in any case. */
static bool co_copied(struct iovec *iov, int iovcnt)
{
	struct bounce *b = &node->loops[0].bounce;
	static char got[2 * BLOCK];
	size_t len = 0;

	memset(iov[0].iov_base, rand(), iov[0].iov_len);
	for (int i = 0; i < iovcnt; i++)
		len += iov[i].iov_len;
	check_int(b->arena.nr_used, 0);
	bounce_destroy(&node->loops[0]);
	check_int(node_co_pwritev(node, 0, iov, iovcnt, 0), 0);
	/* made anew if it was needed */
	if (!b->mem.len)
		return false;
	check_int(node_co_pread(node, 0, got, len, 0), 0);
	check(!memcmp(got, iov[0].iov_base, iov[0].iov_len));
	return true;
}

static bool co_copied_at(char *at, size_t len)
{
	struct iovec iov = {at, len};

	return co_copied(&iov, 1);
}

static char *region_alloc(struct node_buffer *buf)
{
	char *at;

	check_int(posix_memalign((void **)&at, REGION, REGION), 0);
	*buf = (struct node_buffer){.addr = at, .len = REGION, .fd = -1};
	return at;
}

static void co_cases(void *opaque)
{
	struct err err = ERR_INIT;
	struct node_buffer a, b, c;
	struct iovec iov[2];
	char *at, *second;

	second = region_alloc(&b);
	at = region_alloc(&a);
	region_alloc(&c);
	check(co_copied_at(at, BLOCK));
	check_int(node_register_buf(node, &a, &err), 0);
	check_int(node_register_buf(node, &b, &err), 0);
	check(!co_copied_at(at, BLOCK));
	check(!co_copied_at(at + 1, 77));
	check(!co_copied_at(at + REGION - BLOCK, BLOCK));
	check(!co_copied_at(second, BLOCK));
	check(!co_copied_at(at, 0));

	/* a vector of both; of both and something else */
	iov[0] = (struct iovec){at, BLOCK};
	iov[1] = (struct iovec){second, BLOCK};
	check(!co_copied(iov, 2));
	iov[1].iov_base = c.addr;
	check(co_copied(iov, 2));

	/* beyond the end, before the start */
	if (at + REGION != second) {
		a.len -= BLOCK;
		node_unregister_buf(node, &a); /* not what was registered */
		check(!co_copied_at(at, BLOCK));
		a.len += BLOCK;
	}
	node_unregister_buf(node, &a);
	check(co_copied_at(at, BLOCK));
	check(!co_copied_at(second, BLOCK));
	node_unregister_buf(node, &a); /* again: nothing */

	/* max-mem-regions is 3, one of them the pool's */
	check_int(node_register_buf(node, &a, &err), 0);
	check_int(node_register_buf(node, &c, &err), -ENOSPC);
	check_contains(err.text, "3 memory regions");
	check(co_copied_at(c.addr, BLOCK));
	node_unregister_buf(node, &b);
	check_int(node_register_buf(node, &a, &err), -EINVAL);
	check_contains(err.text, "already mapped");
	c.addr = (char *)c.addr + 1;
	check_int(node_register_buf(node, &c, &err), -EINVAL);
	check_contains(err.text, "mem-region-alignment");
	c.addr = (char *)c.addr - 1;
	check_int(node_register_buf(node, &c, &err), 0);
	check(!co_copied_at(c.addr, BLOCK));
	/* a and c are still registered when the node is closed */
	((struct node_buffer *)opaque)[0] = a;
	((struct node_buffer *)opaque)[1] = c;
	free(second);
}

static int nr_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int nr = 0;

	check(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void co_buffers(void *opaque)
{
	struct node_buffer *bufs = opaque;

	for (int i = 0; i < 3; i++) {
		check_int(node_buffer_alloc(node, 5000, &bufs[i]), 0);
		check(bufs[i].addr && bufs[i].len >= 5000);
		/* there are regions for two */
		check((bufs[i].fd >= 0) == (i < 2));
		check(co_copied_at(bufs[i].addr, BLOCK) == (i == 2));
	}
	node_buffer_free(node, &bufs[0]);
	node_buffer_free(node, &bufs[2]);
	check_int(node_buffer_alloc(node, 1, &bufs[0]), 0);
	check(!co_copied_at(bufs[0].addr, 1));
}

/* The buffer of zeroes, too, where they have to be written */
static void co_zeroes(void *opaque)
{
	check_int(node_co_write_zeroes(node, 0, 1 << 20, 0), 0);
	check_int(node->loops[0].bounce.mem.len, 0);
}

int main(void)
{
	const char *disk = "driver=ram,size=1M,needs-mem-regions=true,"
			   "needs-mem-region-fd=%s,max-mem-regions=3,"
			   "mem-region-alignment=4096";
	struct node_buffer bufs[3];
	char text[200];
	int before;

	test_begin();
	snprintf(text, sizeof(text), disk, "false");
	node = open_disk(text);
	check_int(co_run(co_cases, bufs), 0);
	close_disk(node);
	free(bufs[0].addr);
	free(bufs[1].addr);

	/* what the device allocates has the fd that it needs */
	before = nr_fds();
	snprintf(text, sizeof(text), disk, "true");
	node = open_disk(text);
	check_int(co_run(co_buffers, bufs), 0);
	close_disk(node); /* two buffers are left to it */
	check_int(nr_fds(), before);

	node = open_disk("driver=ram,size=1M,needs-mem-regions=true,"
			 "request-alignment=512,max-write-zeroes-len=1");
	check_int(co_run(co_zeroes, NULL), 0);
	close_disk(node);
	test_end();
	return 0;
}
