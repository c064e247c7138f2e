/* SPDX-License-Identifier: MIT */
/*
 * Whichever system call of the shared library fails on the way from create
 * to destroy, and how: nothing crashes, hangs or leaks; what can't be done is
 * told, leaves the instance as it was and can be done next.
 * Arguments: the part of a life (life.h), file|loop|PATH, settings.
 */
#include "tests/io_uring/iou_test.h"
#include "tests/io_uring/life.h"
#include "tests/io_uring/syscalls.h"

#define CALLS_MAX 1000

static const struct life_faults faults = {
	syscalls_on,
	syscalls_off,
	syscalls_hit,
};
static const char *part, *disk;
static char *const *settings;

static void live(void)
{
	int n, runs = 0, told = 0;
	bool hit = true;

	for (n = 0; hit && n < CALLS_MAX; n++) {
		bool more = true;

		for (unsigned choice = 0; more; choice++, runs++) {
			syscalls_begin(n, choice);
			told += life_run(&faults, part, disk, settings);
			hit = syscalls_hit();
			more = syscalls_end();
		}
	}
	fprintf(stderr, "%d calls, %d runs, %d with an error told\n", n - 1,
		runs, told);
	check(!hit);
	check(n > 10);
	check(told > 10);
}

int main(int argc, char **argv)
{
	check(argc > 2);
	part = argv[1];
	disk = *argv[2] == '/' ? argv[2] : temp_disk(2, argv + 1, LIFE_BYTES);
	settings = argv + 3;
	return syscalls_run(live);
}
