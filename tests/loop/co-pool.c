/* SPDX-License-Identifier: MIT */
/* Stacks are reused without a system call; of many that become free at once
 * only a bounded number is kept; all are unmapped with the loop. */
#include <sys/mman.h>

#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 1000

static int mapped, unmapped, protects;

void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *addr, size_t len);
int __wrap_munmap(void *addr, size_t len);
int __real_mprotect(void *addr, size_t len, int prot);
int __wrap_mprotect(void *addr, size_t len, int prot);

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	mapped++;
	return __real_mmap64(addr, len, prot, flags, fd, offset);
}

int __wrap_munmap(void *addr, size_t len)
{
	unmapped++;
	return __real_munmap(addr, len);
}

int __wrap_mprotect(void *addr, size_t len, int prot)
{
	protects++;
	return __real_mprotect(addr, len, prot);
}

static void body(void *arg)
{
	if (arg)
		co_yield();
}

int main(void)
{
	static struct co *all[COUNT];
	struct loop *loop = test_loop();
	struct co_stats stats;

	for (int i = 0; i < COUNT; i++)
		check_int(co_start(body, NULL), 0);
	check_int(mapped, 1);
	check_int(protects, 1);
	check_int(unmapped, 0);
	co_stats_get(&stats);
	check_int(stats.created, COUNT);
	check_int(stats.stacks_mapped, 1);

	for (int i = 0; i < COUNT; i++) {
		all[i] = co_create(body, loop);
		check(all[i]);
		co_enter(all[i]);
	}
	check_int(mapped, COUNT);
	for (int i = 0; i < COUNT; i++)
		co_enter(all[i]);
	check_int(unmapped, COUNT - 256);
	co_stats_get(&stats);
	check_int(stats.stacks_mapped, COUNT);
	loop_destroy(loop);
	check_int(unmapped, COUNT);
	return 0;
}
