/* SPDX-License-Identifier: MIT */
/* Properties of the virtio-blk-vhost-user driver on qemu-storage-daemon. */
#include <errno.h>

#include "tests/conformance/conformance.h"

static void path(const struct target *t, char *buf, size_t size)
{
	snprintf(buf, size, "%s", disk_path(t));
}

/* Always readable, never settable; the first value is before connect. */
#define LIMIT(name_, type_, created_, ...)                           \
	{                                                            \
		.name = (name_), .type = (type_), .readable = ALWAYS, \
		.created = (created_), .other = "4096", __VA_ARGS__  \
	}
#define FACT(name_, value_)                                           \
	{                                                             \
		.name = (name_), .type = BOOL, .readable = ALWAYS,    \
		.created = (value_), .connected = (value_),           \
		.other = "true"                                       \
	}
#define CHOICE(name_, type_, settable_, created_, other_, ...)        \
	{                                                             \
		.name = (name_), .type = (type_), .readable = ALWAYS, \
		.settable = (settable_), .created = (created_),       \
		.other = (other_), __VA_ARGS__                        \
	}

static const struct property_fact rows[] = {
	{"driver", STR, ALWAYS, 0, "virtio-blk-vhost-user",
	 "virtio-blk-vhost-user", .other = "null"},
	CHOICE("path", STR, CREATED, NULL, "/nowhere", .value = path),
	CHOICE("fd", INT, CREATED, "-1", "1000", .connected = "-1",
	       .refused = ENOENT),
	CHOICE("read-only", BOOL, CREATED, "false", "true",
	       .connected = "false"),
	CHOICE("connect-timeout-ms", INT, CREATED, "30000", "1000",
	       .connected = "30000", .bad = "0"),
	CHOICE("socket-fd", INT, CREATED, "-1", "1000", .connected = "-1"),
	CHOICE("num-queues", INT, CONNECTED, "1", "3", .connected = "1",
	       .bad = "-1"),
	CHOICE("num-poll-queues", INT, CONNECTED, "0", "2", .connected = "0",
	       .bad = "-1"),
	CHOICE("queue-size", INT, CONNECTED, "256", "64", .connected = "256",
	       .bad = "100"),
	LIMIT("max-queue-size", INT, "32768", .connected = "32768"),
	{"capacity", UINT64, READY, 0, .connected = "1048576", .other = "1"},
	{"max-queues", INT, READY, 0, .connected = "4", .other = "1"},
	/* the daemon's 32 slots without the rings' */
	{"max-mem-regions", UINT64, READY, 0, .other = "1"},
	FACT("can-add-queues", "false"),
	FACT("can-grow", "false"),
	FACT("flush-needed", "true"),
	FACT("may-pin-mem-regions", "true"),
	FACT("needs-mem-regions", "true"),
	FACT("needs-mem-region-fd", "true"),
	FACT("supports-fua-natively", "false"),
	FACT("supports-poll-queues", "true"),
	LIMIT("buf-alignment", INT, "1", .connected = "1"),
	LIMIT("mem-region-alignment", UINT64, "1", .connected = "1"),
	LIMIT("optimal-buf-alignment", INT, "1", .connected = "1"),
	LIMIT("request-alignment", INT, "512", .connected = "512"),
	LIMIT("optimal-io-alignment", INT, "512", .connected = "512"),
	LIMIT("optimal-io-size", INT, "0", .connected = "512"),
	LIMIT("max-segments", INT, "1"),
	LIMIT("max-segment-len", INT, "0", .connected = "0"),
	LIMIT("max-transfer", INT, "0", .connected = "0"),
	LIMIT("max-write-zeroes-len", UINT64, "0", .connected = "16777216"),
	LIMIT("max-discard-len", UINT64, "0", .connected = "16777216"),
	LIMIT("discard-alignment", INT, "0", .connected = "512"),
	LIMIT("discard-alignment-offset", INT, "0", .connected = "0"),
};

const struct property_table vhost_user_properties = {rows, ARRAY_SIZE(rows)};
