/* SPDX-License-Identifier: MIT */
/* Properties of the io_uring driver: on a file, and on a block device. */
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "tests/conformance/conformance.h"

/* ---- values that the kernel knows ---- */

static long kernel_number(const struct target *t, const char *name,
			  long otherwise)
{
	char text[32];

	return disk_attribute(t, name, text, sizeof(text)) ? atol(text) :
							     otherwise;
}

static long alignment(const struct target *t)
{
	if (!target_has(t, "direct"))
		return 1;
	return kernel_number(t, "queue/logical_block_size",
			     sysconf(_SC_PAGESIZE));
}

static void put(char *buf, size_t size, long number)
{
	snprintf(buf, size, "%ld", number);
}

static void put_bool(char *buf, size_t size, bool value)
{
	snprintf(buf, size, "%s", value ? "true" : "false");
}

static void path(const struct target *t, char *buf, size_t size)
{
	snprintf(buf, size, "%s", disk_path(t));
}

static void request_alignment(const struct target *t, char *buf, size_t size)
{
	put(buf, size, alignment(t));
}

static void page(const struct target *t, char *buf, size_t size)
{
	put(buf, size, sysconf(_SC_PAGESIZE));
}

static void fua(const struct target *t, char *buf, size_t size)
{
	put_bool(buf, size, kernel_number(t, "queue/fua", 0) > 0);
}

/* Regions are pinned by registering them. */
static void pins(const struct target *t, char *buf, size_t size)
{
	put_bool(buf, size, target_has(t, "fixed-buffers"));
}

static void file_block(const struct target *t, char *buf, size_t size)
{
	struct statfs fs;

	check_int(statfs(disk_path(t), &fs), 0);
	put(buf, size, MAX((long)fs.f_bsize, alignment(t)));
}

static void physical_block(const struct target *t, char *buf, size_t size)
{
	put(buf, size, kernel_number(t, "queue/physical_block_size", 512));
}

static void optimal_size(const struct target *t, char *buf, size_t size)
{
	put(buf, size, kernel_number(t, "queue/optimal_io_size", 0));
}

static void granularity(const struct target *t, char *buf, size_t size)
{
	put(buf, size, kernel_number(t, "queue/discard_granularity", 0));
}

static void discard_offset(const struct target *t, char *buf, size_t size)
{
	long offset = kernel_number(t, "discard_alignment", 0);
	long unit = kernel_number(t, "queue/discard_granularity", 0);

	put(buf, size, offset == unit ? 0 : offset);
}

static void write_cache(const struct target *t, char *buf, size_t size)
{
	char cache[32];
	bool found = disk_attribute(t, "queue/write_cache", cache,
				    sizeof(cache));

	put_bool(buf, size, !target_has(t, "direct") || !found ||
			    strcmp(cache, "write back") == 0);
}

/* ---- the tables ---- */

/* Readable once connected, never settable. */
#define LIMIT(name_, type_, ...)                                               \
	{                                                                      \
		.name = (name_), .type = (type_), .readable = READY,           \
		.other = "4096", __VA_ARGS__                                   \
	}
/* Always readable, never settable. */
#define FACT(name_, created_, ...)                                             \
	{                                                                      \
		.name = (name_), .type = BOOL, .readable = ALWAYS,             \
		.other = "true", .created = (created_), __VA_ARGS__            \
	}
/* Always readable, settable in some state. */
#define CHOICE(name_, type_, settable_, created_, other_, ...)                 \
	{                                                                      \
		.name = (name_), .type = (type_), .readable = ALWAYS,          \
		.settable = (settable_), .created = (created_),                \
		.other = (other_), __VA_ARGS__                                 \
	}
#define BEFORE_START(name_)                                                    \
	CHOICE(name_, BOOL, CREATED | CONNECTED, "false", "true",              \
	       .connected = "false")

#define COMMON                                                                 \
	{"driver", STR, ALWAYS, 0, "io_uring", "io_uring", .other = "null"},   \
	CHOICE("path", STR, CREATED, NULL, "/nowhere", .value = path),         \
	CHOICE("fd", INT, CREATED, "-1", "1000"),                              \
	CHOICE("direct", BOOL, CREATED, "false", "true",                       \
	       .connected = "false"),                                          \
	CHOICE("read-only", BOOL, CREATED, "false", "true",                    \
	       .connected = "false"),                                          \
	CHOICE("num-queues", INT, CONNECTED, "1", "3", .connected = "1",       \
	       .bad = "-1"),                                                   \
	CHOICE("num-poll-queues", INT, CONNECTED, "0", "2", .connected = "0",  \
	       .bad = "-1"),                                                   \
	CHOICE("num-entries", INT, CONNECTED, "128", "64",                     \
	       .connected = "128", .bad = "0"),                                \
	{"max-queues", INT, ALWAYS, 0, "2147483647", "2147483647",             \
	 .other = "1"},                                                        \
	{"max-mem-regions", UINT64, ALWAYS, 0, "18446744073709551615",         \
	 "18446744073709551615", .other = "1"},                                \
	FACT("can-add-queues", "true", .connected = "true"),                   \
	FACT("supports-poll-queues", "false"),                                 \
	BEFORE_START("fixed-buffers"),                                         \
	BEFORE_START("single-issuer"),                                         \
	/* where fixed-buffers is set, that shows at once */                   \
	FACT("may-pin-mem-regions", NULL, .value = pins),                      \
	FACT("needs-mem-regions", "false", .connected = "false"),              \
	FACT("needs-mem-region-fd", "false", .connected = "false"),            \
	FACT("supports-fua-natively", "false", .value = fua),                  \
	LIMIT("capacity", UINT64, .connected = "1048576"),                     \
	LIMIT("request-alignment", INT, .value = request_alignment),           \
	LIMIT("buf-alignment", INT, .value = request_alignment),               \
	LIMIT("mem-region-alignment", UINT64, .value = request_alignment),     \
	LIMIT("optimal-buf-alignment", INT, .value = page),                    \
	LIMIT("max-segments", INT, .connected = "1024"),                       \
	LIMIT("max-segment-len", INT, .connected = "0"),                       \
	LIMIT("max-transfer", INT, .connected = "0"),                          \
	LIMIT("max-write-zeroes-len", UINT64, .connected = "0"),               \
	LIMIT("max-discard-len", UINT64, .connected = "0")

static const struct property_fact file_rows[] = {
	COMMON,
	FACT("can-grow", "false", .connected = "true"),
	FACT("flush-needed", "true", .connected = "true"),
	LIMIT("optimal-io-alignment", INT, .value = file_block),
	LIMIT("optimal-io-size", INT, .connected = "0"),
	LIMIT("discard-alignment", INT, .value = request_alignment),
	LIMIT("discard-alignment-offset", INT, .connected = "0"),
};

static const struct property_fact loop_rows[] = {
	COMMON,
	FACT("can-grow", "false", .connected = "false"),
	FACT("flush-needed", "true", .value = write_cache),
	LIMIT("optimal-io-alignment", INT, .value = physical_block),
	LIMIT("optimal-io-size", INT, .value = optimal_size),
	LIMIT("discard-alignment", INT, .value = granularity),
	LIMIT("discard-alignment-offset", INT, .value = discard_offset),
};

const struct property_table uring_file_properties = {
	file_rows,
	ARRAY_SIZE(file_rows),
};
const struct property_table uring_loop_properties = {
	loop_rows,
	ARRAY_SIZE(loop_rows),
};
