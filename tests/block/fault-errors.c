/* SPDX-License-Identifier: MIT */
/* Errors of the device reach the caller, and only the request they hit. */
#include "tests/block/node_test.h"

static void co_faults(void *opaque)
{
	struct node *node = opaque;
	char buf[4096] = "";

	check_int(node_co_pread(node, 0, buf, 4096, 0), 0);
	check_int(node_co_pread(node, 0, buf, 4096, 0), -EREMOTEIO);
	check_int(node_co_pread(node, 0, buf, 4096, 0), -EREMOTEIO);
	check_int(node_co_pwrite(node, 0, buf, 4096, 0), 0);
	check_int(node_co_pread(node, 0, buf, 4096, 0), 0);
	check_int(node_co_flush(node), 0);
}

/* A request in many pieces fails with the error of the one that did. */
static void co_pieces(void *opaque)
{
	struct node *node = opaque;
	static char buf[65536];

	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), 0), -ENOSPC);
	check_int(node_co_pwrite(node, 0, buf, sizeof(buf), 0), 0);
}

static void co_flush_fails(void *opaque)
{
	struct node *node = opaque;

	check_int(node_co_flush(node), -EIO);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct node *node;

	test_begin();
	node = open_disk("driver=null,size=1M,error-op=read,error-errno=121,"
			 "error-after=1,error-count=2");
	check_int(co_run(co_faults, node), 0);
	close_disk(node);

	node = open_disk("driver=ram,size=1M,max-transfer=4096,error-op=write,"
			 "error-errno=28,error-after=5,error-count=1");
	check_int(co_run(co_pieces, node), 0);
	close_disk(node);

	/* close flushes, and says when that failed */
	node = open_disk("driver=null,size=1M,error-op=flush,error-errno=5");
	check_int(co_run(co_flush_fails, node), 0);
	check_int(node_close(node, &err), -EIO);
	check_contains(err.text, "flush");
	test_end();
	return 0;
}
