/* SPDX-License-Identifier: MIT */
/* A copied read reaches the caller's memory only when it has succeeded; a
 * copied write has taken the bytes before it is submitted. */
#include "tests/block/node_test.h"

static struct node *node;
static bool done;
static char buf[8192];

static void co_read(void *opaque)
{
	struct iovec iov[] = {{buf, 100}, {buf + 4096, 3996}};
	int ret = *(int *)opaque;

	check_int(node_co_preadv(node, 0, iov, 2, 0), ret);
	for (size_t i = 0; i < sizeof(buf); i++) {
		bool wanted = i < 100 || (i >= 4096 && i < 8092);

		check_int(buf[i], wanted && ret == 0 ? 'd' : 'x');
	}
}

static void co_write(void *opaque)
{
	struct iovec iov[] = {{buf, 100}, {buf + 4096, 3996}};

	check_int(node_co_pwritev(node, 0, iov, 2, 0), 0);
	done = true;
}

static bool is_done(void *opaque)
{
	return done;
}

static void reads(int want)
{
	memset(buf, 'x', sizeof(buf));
	check_int(co_run(co_read, &want), 0);
}

int main(void)
{
	test_begin();
	node = open_disk("driver=ram,size=64K,needs-mem-regions=true,"
			 "error-op=read,error-errno=121,error-count=1,"
			 "latency-us=1000");
	memset(buf, 'd', sizeof(buf));
	/* queued, to be submitted at the end of the section */
	loop_plug(test_loop);
	check_int(co_start(co_write, NULL), 0);
	memset(buf, 'y', sizeof(buf));
	loop_unplug(test_loop);
	loop_run_until(test_loop, is_done, NULL);
	reads(-EREMOTEIO);
	reads(0);
	close_disk(node);
	test_end();
	return 0;
}
