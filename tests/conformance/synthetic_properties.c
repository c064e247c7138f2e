/* SPDX-License-Identifier: MIT */
/*
 * Properties of the null and ram drivers, whose limits can be set before
 * they are connected. Those of their own are in tests/libblkio.
 */
#include "tests/conformance/conformance.h"

/* Readable always, settable before connect; the same value throughout. */
#define LIMIT(name_, type_, value_, other_)                                    \
	{                                                                      \
		.name = (name_), .type = (type_), .readable = ALWAYS,          \
		.settable = CREATED, .created = (value_),                      \
		.connected = (value_), .other = (other_)                       \
	}
#define QUEUES(name_, value_, other_)                                          \
	{                                                                      \
		.name = (name_), .type = INT, .readable = ALWAYS,              \
		.settable = CONNECTED, .created = (value_),                    \
		.connected = (value_), .other = (other_), .bad = "-1"          \
	}

#define COMMON(driver_)                                                        \
	{"driver", STR, ALWAYS, 0, driver_, driver_, .other = "io_uring"},     \
	{"capacity", UINT64, READY, 0, NULL, "1048576", .other = "4096"},      \
	{"can-grow", BOOL, ALWAYS, 0, "false", "false", .other = "true"},      \
	QUEUES("num-queues", "1", "3"),                                        \
	QUEUES("num-poll-queues", "0", "2"),                                   \
	LIMIT("read-only", BOOL, "false", "true"),                             \
	LIMIT("can-add-queues", BOOL, "true", "false"),                        \
	LIMIT("flush-needed", BOOL, "false", "true"),                          \
	LIMIT("supports-fua-natively", BOOL, "true", "false"),                 \
	LIMIT("supports-poll-queues", BOOL, "true", "false"),                  \
	LIMIT("may-pin-mem-regions", BOOL, "false", "true"),                   \
	LIMIT("needs-mem-regions", BOOL, "false", "true"),                     \
	LIMIT("needs-mem-region-fd", BOOL, "false", "true"),                   \
	LIMIT("max-queues", INT, "1024", "4"),                                 \
	LIMIT("max-mem-regions", UINT64, "18446744073709551615", "2"),         \
	LIMIT("mem-region-alignment", UINT64, "1", "4096"),                    \
	LIMIT("max-write-zeroes-len", UINT64, "0", "65536"),                   \
	LIMIT("max-discard-len", UINT64, "0", "65536"),                        \
	LIMIT("request-alignment", INT, "1", "512"),                           \
	LIMIT("buf-alignment", INT, "1", "512"),                               \
	LIMIT("optimal-io-alignment", INT, "4096", "512"),                     \
	LIMIT("optimal-io-size", INT, "0", "65536"),                           \
	LIMIT("optimal-buf-alignment", INT, "1", "4096"),                      \
	LIMIT("max-segments", INT, "1024", "4"),                               \
	LIMIT("max-segment-len", INT, "0", "4096"),                            \
	LIMIT("max-transfer", INT, "0", "65536"),                              \
	LIMIT("discard-alignment", INT, "1", "4096"),                          \
	LIMIT("discard-alignment-offset", INT, "0", "512")

static const struct property_fact null_rows[] = {COMMON("null")};
static const struct property_fact ram_rows[] = {COMMON("ram")};

const struct property_table null_properties = {
	null_rows,
	ARRAY_SIZE(null_rows),
};
const struct property_table ram_properties = {
	ram_rows,
	ARRAY_SIZE(ram_rows),
};
