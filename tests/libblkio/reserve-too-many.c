/* SPDX-License-Identifier: MIT */
/* Reserving more than there is memory for fails at once, keeps nothing, and
 * the queue goes on. */
#include <sys/resource.h>

#include "tests/libblkio/blkio_test.h"

static long resident_kib(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	check(status);
	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(status);
	check(kib > 0);
	return kib;
}

int main(void)
{
	const struct rlimit limit = {4ull << 30, 4ull << 30};
	struct blkio *b = test_start("null", "");
	struct blkioq *q = blkio_get_queue(b, 0);
	long before = resident_kib();

	/* a sanitizer needs more address space, and doesn't fail by itself */
	if (!HAS_ASAN && !HAS_TSAN) {
		check_int(setrlimit(RLIMIT_AS, &limit), 0);
		check_fails(blkioq_reserve(q, UINT_MAX), ENOMEM,
			    "4294967295 requests");
		check(resident_kib() - before < 4096);
	}
	check_ok(blkioq_reserve(q, 5000));
	check_ok(blkioq_reserve(q, 5000));
	blkioq_flush(q, NULL, 0);
	check_int(test_result(q), 0);
	blkio_destroy(&b);
	return 0;
}
