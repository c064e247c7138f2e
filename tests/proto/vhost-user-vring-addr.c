/* SPDX-License-Identifier: MIT */
/* Addresses of a ring's parts that are not aligned as its format needs them
 * are refused, and the text says which. */
#include <errno.h>

#include "proto/vhost_user_mem.h"
#include "tests/check.h"

static int check_addr(uint64_t desc, uint64_t avail, uint64_t used, bool packed,
		      const char *part)
{
	struct vhost_user_vring_addr addr = {
		.desc = desc, .avail = avail, .used = used};
	struct err err = ERR_INIT;
	int ret = vhost_user_check_vring_addr(&addr, packed, &err);

	check_contains(err.text, part);
	return ret;
}

int main(void)
{
	check_int(check_addr(16, 2, 4, false, ""), 0);
	check_int(check_addr(0x7f0000000010, 6, 12, false, ""), 0);
	check_int(check_addr(8, 2, 4, false, "descriptors at"), -EINVAL);
	check_int(check_addr(16, 1, 4, false, "available ring"), -EINVAL);
	check_int(check_addr(16, 2, 2, false, "used ring"), -EINVAL);
	check_int(check_addr(16, 4, 4, true, ""), 0);
	check_int(check_addr(16, 2, 4, true, "available ring"), -EINVAL);
	check_int(check_addr(16, 4, 6, true, "used ring"), -EINVAL);
	return 0;
}
