/* SPDX-License-Identifier: MIT */
/* What can't be opened is refused with a text that names the culprit. */
#include "tests/block/node_test.h"

static void refused(const char *text, int errnum, const char *why)
{
	struct err err = ERR_INIT;
	struct node *node;

	int ret = try_open(text, &node, &err);

	if (ret != -errnum)
		fprintf(stderr, "%s: %d %s\n", text, ret, err.text);
	check_int(ret, -errnum);
	check(!node);
	check_contains(err.text, why);
}

int main(void)
{
	test_begin();
	refused("size=1M", EINVAL, "missing 'driver' option");
	refused("driver=floppy", ENOENT, "'floppy'");
	refused("driver=ram,size=1M,colour=red", EINVAL, "'colour'");
	refused("driver=ram,size=red", EINVAL, "'size'");
	refused("driver=ram,size=1M,capacity=2M", EINVAL, "'capacity'");
	refused("driver=ram,size=1M,read-only=perhaps", EINVAL, "'read-only'");
	refused("driver=ram,size=1M,cache.direct=off", EINVAL,
		"cache.direct=off is not supported");
	refused("driver=null,size=1M,request-alignment=3", EINVAL,
		"request-alignment");
	refused("driver=null,size=1000,request-alignment=512", EINVAL,
		"multiple of request-alignment");
	refused("driver=null,size=1M,request-alignment=512,max-transfer=1000",
		EINVAL, "max-transfer");
	refused("driver=null,size=1M,max-segments=0", EINVAL, "max-segments");
	refused("driver=null,size=1M,request-alignment=4096,"
		"max-segment-len=512",
		EINVAL, "max-segment-len");
	refused("driver=null,size=1M,request-alignment=512,"
		"optimal-io-size=700",
		EINVAL, "optimal-io-size");
	refused("driver=null,size=1M,buf-alignment=24", EINVAL,
		"buf-alignment");
	refused("driver=null,size=1M,needs-mem-regions=true,"
		"mem-region-alignment=48",
		EINVAL, "mem-region-alignment");
	refused("driver=null,size=1M,needs-mem-regions=true,"
		"max-mem-regions=0",
		EINVAL, "at least num-queues 1");
	test_end();
	return 0;
}
