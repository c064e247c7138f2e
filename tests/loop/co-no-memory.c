/* SPDX-License-Identifier: MIT */
/* No memory for a stack: NULL or -ENOMEM from each function that needs one,
 * nothing was run, nothing leaks, and it works again later. */
#include <sys/mman.h>

#include "loop/co.h"
#include "tests/loop/loop_test.h"

static bool fail_mmap, fail_mprotect, fail_realloc;
static int mapped, runs;

void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __real_munmap(void *addr, size_t len);
int __wrap_munmap(void *addr, size_t len);
int __real_mprotect(void *addr, size_t len, int prot);
int __wrap_mprotect(void *addr, size_t len, int prot);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	if (fail_mmap) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	mapped++;
	return __real_mmap64(addr, len, prot, flags, fd, offset);
}

int __wrap_munmap(void *addr, size_t len)
{
	mapped--;
	return __real_munmap(addr, len);
}

int __wrap_mprotect(void *addr, size_t len, int prot)
{
	if (fail_mprotect) {
		errno = ENOMEM;
		return -1;
	}
	return __real_mprotect(addr, len, prot);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fail_realloc ? NULL : __real_realloc(p, size);
}

static void body(void *arg)
{
	runs++;
}

static void sleeping_body(void *arg)
{
	check_int(co_sleep_ns(1), -ENOMEM);
	runs++;
}

static void all_fail(void)
{
	struct co_group group;

	co_group_init(&group);
	check(!co_create(body, NULL));
	check_int(co_start(body, NULL), -ENOMEM);
	check_int(co_run(body, NULL), -ENOMEM);
	check_int(co_group_start(&group, body, NULL), -ENOMEM);
	check_int(group.running, 0);
	check_int(runs, 0);
	check_int(mapped, 0);
}

int main(void)
{
	struct loop *loop = test_loop();

	fail_mmap = true;
	all_fail();
	fail_mmap = false;
	fail_mprotect = true;
	all_fail();
	fail_mprotect = false;

	check_int(co_run(body, NULL), 0);
	check_int(runs, 1);
	fail_realloc = true;
	check_int(co_run(sleeping_body, NULL), 0);
	check_int(runs, 2);
	loop_destroy(loop);
	check_int(mapped, 0);
	return 0;
}
