/* SPDX-License-Identifier: MIT */
/*
 * The properties of a file, in each state: what can be read, what can be set
 * and what a file is known to be.
 */
#include "tests/io_uring/iou_test.h"

#include <limits.h>

static void check_text(struct blkio *b, const char *name, const char *want)
{
	char *got;

	check_ok(blkio_get_str(b, name, &got));
	if (strcmp(got, want) != 0)
		fprintf(stderr, "property %s:\n", name);
	check_str(got, want);
	free(got);
}

static void check_nodev(struct blkio *b, const char *name)
{
	char *got;

	if (blkio_get_str(b, name, &got) != -ENODEV)
		fprintf(stderr, "property %s:\n", name);
	check_int(blkio_get_str(b, name, &got), -ENODEV);
}

static void check_always(struct blkio *b)
{
	check_text(b, "driver", "io_uring");
	check_text(b, "can-add-queues", "true");
	check_text(b, "flush-needed", "true");
	check_text(b, "max-queues", "2147483647");
	check_text(b, "max-mem-regions", "18446744073709551615");
	check_text(b, "may-pin-mem-regions", "false");
	check_text(b, "needs-mem-regions", "false");
	check_text(b, "needs-mem-region-fd", "false");
}

static void check_connected(struct blkio *b)
{
	check_always(b);
	check_text(b, "can-grow", "true");
	check_text(b, "request-alignment", "1");
	check_text(b, "buf-alignment", "1");
	check_text(b, "mem-region-alignment", "1");
	check_text(b, "optimal-io-size", "0");
	check_text(b, "max-segments", "1024");
	check_text(b, "max-segment-len", "0");
	check_text(b, "max-transfer", "0");
	check_text(b, "max-write-zeroes-len", "0");
	check_text(b, "max-discard-len", "0");
	check_text(b, "discard-alignment", "1");
	check_text(b, "discard-alignment-offset", "0");
}

int main(void)
{
	static const char *const late[] = {
		"capacity", "request-alignment", "buf-alignment",
		"mem-region-alignment", "optimal-io-alignment",
		"optimal-io-size", "optimal-buf-alignment", "max-segments",
		"max-segment-len", "max-transfer", "max-write-zeroes-len",
		"max-discard-len", "discard-alignment",
		"discard-alignment-offset",
	};
	struct blkio *b;
	char page[16];

	check_ok(blkio_create("io_uring", &b));
	check_always(b);
	for (size_t i = 0; i < ARRAY_SIZE(late); i++)
		check_nodev(b, late[i]);
	check_text(b, "can-grow", "false");
	check_text(b, "supports-fua-natively", "false");
	check_text(b, "supports-poll-queues", "false");
	check_text(b, "direct", "false");
	check_text(b, "num-entries", "128");
	check_int(blkio_set_int(b, "num-entries", 64), -ENODEV);

	check_ok(blkio_set_str(b, "path", temp_file(4321)));
	check_ok(blkio_connect(b));
	check_connected(b);
	check_text(b, "capacity", "4321");
	snprintf(page, sizeof(page), "%ld", sysconf(_SC_PAGESIZE));
	check_text(b, "optimal-buf-alignment", page);
	check_int(blkio_set_bool(b, "direct", true), -EBUSY);
	check_int(blkio_set_int(b, "num-entries", 0), -EINVAL);
	check_int(blkio_set_int(b, "num-entries", -5), -EINVAL);
	check_text(b, "num-entries", "128");

	/* beyond what the kernel makes: told at start, and put right */
	check_ok(blkio_set_int(b, "num-entries", INT_MAX));
	check_int(blkio_start(b), -EINVAL);
	check_contains(blkio_get_error_msg(), "2147483647");
	check_ok(blkio_set_int(b, "num-entries", 64));
	check_ok(blkio_start(b));
	check_connected(b);
	check_int(blkio_set_int(b, "num-entries", 128), -EBUSY);
	blkio_destroy(&b);
	return 0;
}
