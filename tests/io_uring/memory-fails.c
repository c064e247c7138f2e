/* SPDX-License-Identifier: MIT */
/*
 * Whichever call for memory or an fd fails on the way from create to destroy:
 * nothing crashes, hangs or leaks; what can't be done is told, leaves the
 * instance as it was and can be done next.
 * Arguments: the part of a life (life.h), file|loop|PATH, settings.
 */
#include "tests/io_uring/iou_test.h"
#include "tests/io_uring/life.h"
#include "tests/libblkio/fail_nth.h"

#define CALLS_MAX 1000

static int64_t nth, calls; /* calls made so far in this run */

static void on(void)
{
	fail_arm(nth - calls, 1);
}

static void off(void)
{
	calls += fail_calls;
	fail_arm(FAIL_NEVER, 1);
}

static bool hit(void)
{
	return calls > nth;
}

static const struct life_faults faults = {on, off, hit};

int main(int argc, char **argv)
{
	const char *disk;
	int told = 0;

	check(argc > 2);
	disk = *argv[2] == '/' ? argv[2] : temp_disk(2, argv + 1, LIFE_BYTES);
	do {
		calls = 0;
		told += life_run(&faults, argv[1], disk, argv + 3);
	} while (hit() && ++nth < CALLS_MAX);
	fprintf(stderr, "%d calls, %d with an error told\n", (int)nth, told);
	check(!hit());
	check(nth >= 3);
	check(told > nth / 2); /* some things can be done without */
	return 0;
}
