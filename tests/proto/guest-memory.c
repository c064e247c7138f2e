/* SPDX-License-Identifier: MIT */
/*
 * Tables of guest memory: those that look-ups could not rely on are refused;
 * the first and last byte of each region is found, what is beside it is not,
 * and the way back from a pointer leads to the same address.
 */
#include <errno.h>

#include "proto/guest_memory.h"
#include "tests/check.h"
#include "util/compiler.h"

static char a[256], b[256];

static int check_table(const struct guest_region *regions, unsigned nr,
		       struct err *err)
{
	struct guest_memory mem = {.regions = regions, .nr = nr};

	return guest_memory_check(&mem, err);
}

static void refused(void)
{
	static const struct {
		struct guest_region regions[2];
		const char *text;
	} cases[] = {
		{{{0, 256, a}, {1000, 0, b}}, "region 1: 0 bytes"},
		{{{0, 256, a}, {UINT64_MAX - 254, 256, b}}, "wraps"},
		{{{0, 256, a}, {255, 256, b}}, "overlaps"},
		{{{0, 256, a}, {0, 256, b}}, "overlaps"},
		{{{1000, 256, a}, {0, 256, b}}, "sorted"},
		{{{1000, 256, a}, {900, 256, b}}, "sorted"},
	};
	struct err err = ERR_INIT;

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		check_int(check_table(cases[i].regions, 2, &err), -EINVAL);
		check_contains(err.text, cases[i].text);
	}
	check_int(check_table(NULL, 0, &err), 0);
}

int main(void)
{
	static const struct guest_region regions[] = {
		{0x1000, 256, a},
		{0x1100, 128, b + 128}, /* right behind the first */
		{UINT64_MAX - 128, 128, b},
	};
	struct guest_memory mem = {.regions = regions, .nr = 3}, none = {0};
	struct err err = ERR_INIT;
	uint64_t addr;
	char buf[512];

	refused();
	check_int(check_table(regions, 3, &err), 0);
	for (unsigned i = 0; i < 3; i++) {
		const struct guest_region *r = &regions[i];
		uint64_t last = r->addr + r->size_bytes - 1;

		check(guest_memory_region(&mem, r->addr) == r);
		check(guest_memory_region(&mem, last) == r);
		check(guest_memory_find(&mem, r->addr, r->size_bytes) ==
		      r->host);
		check(!guest_memory_find(&mem, r->addr, r->size_bytes + 1));
		check(guest_memory_find(&mem, last, 1) ==
		      r->host + r->size_bytes - 1);
		check(!guest_memory_find(&mem, last, 2));
		check(!guest_memory_find(&mem, last, UINT64_MAX));
		check(guest_memory_addr(&mem, r->host, &addr));
		check(addr == r->addr);
		check(guest_memory_addr(&mem, r->host + r->size_bytes - 1,
					&addr));
		check(addr == last);
	}
	check(!guest_memory_region(&mem, 0xfff));
	check(!guest_memory_region(&mem, 0x1180));
	check(!guest_memory_region(&mem, 0));
	check(!guest_memory_region(&mem, UINT64_MAX));
	check(!guest_memory_region(&none, 0));
	check(!guest_memory_addr(&mem, buf, &addr));
	check(!guest_memory_addr(&mem, NULL, &addr));

	memset(a, 'a', sizeof(a));
	memset(b + 128, 'b', 128);
	check_int(guest_memory_read(&mem, 0x1000, buf, 384), 0);
	check(buf[0] == 'a' && buf[255] == 'a' && buf[256] == 'b' &&
	      buf[383] == 'b');
	check_int(guest_memory_read(&mem, 0x1000, buf, 385), -EFAULT);
	check_int(guest_memory_read(&mem, 0xfff, buf, 2), -EFAULT);
	check_int(guest_memory_read(&mem, UINT64_MAX - 1, buf, 1), 0);
	check_int(guest_memory_read(&mem, UINT64_MAX - 1, buf, 2), -EFAULT);
	return 0;
}
