/* SPDX-License-Identifier: MIT */
/* The rows of the conformance matrix: what is to be known of each driver. */
#include "tests/conformance/conformance.h"

/* Names of all drivers' properties, and spellings that no driver has. */
const char *const property_names[] = {
	"append-support",
	"buf-alignment",
	"can-add-queues",
	"can-grow",
	"capacity",
	"connect-timeout-ms",
	"direct",
	"discard-alignment",
	"discard-alignment-offset",
	"driver",
	"fd",
	"fixed-buffers",
	"flush-needed",
	"max-active-zones",
	"max-discard-len",
	"max-mem-regions",
	"max-open-zones",
	"max-queue-size",
	"max-queues",
	"max-segment-len",
	"max-segments",
	"max-transfer",
	"max-write-zeroes-len",
	"max_queues",
	"may-pin-mem-regions",
	"mem-region-alignment",
	"needs-mem-region-fd",
	"needs-mem-regions",
	"nr-zones",
	"num-entries",
	"num-poll-queues",
	"num-queues",
	"optimal-buf-alignment",
	"optimal-io-alignment",
	"optimal-io-size",
	"path",
	"queue-size",
	"read-only",
	"request-alignment",
	"single-issuer",
	"socket-fd",
	"supports-fua-natively",
	"supports-poll-queues",
	"zone-append-max-bytes",
	"zone-size",
	"zone_size",
	"zoned",
};
const int nr_property_names = ARRAY_SIZE(property_names);

/* Nothing is behind the capacity, and a range is wrong in no other way. */
#define NOTHING_BEHIND(errno_)                                                 \
	{                                                                      \
		.across = (errno_), .behind = (errno_),                        \
		.start_huge = (errno_), .len_4g = (errno_),                    \
		.len_1e = (errno_), .len_huge = (errno_),                      \
		.end_huge = (errno_)                                           \
	}
#define SYNTHETIC                                                              \
	.kind = MEMORY, .poll_all = true, .slow = SLOW_LATENCY,                \
	.read = NOTHING_BEHIND(-EIO), .write = NOTHING_BEHIND(-ENOSPC),        \
	.zeroes = NOTHING_BEHIND(-ENOSPC),                                     \
	.zeroes_keep = NOTHING_BEHIND(-ENOSPC),                                \
	.discard = NOTHING_BEHIND(-ENOSPC)

/* Of 32 bits, and offsets of 63. */
#define URING_TRANSFER                                                         \
	.start_huge = -EINVAL, .len_4g = -EINVAL, .len_1e = -EINVAL,           \
	.len_huge = -EINVAL, .end_huge = -EINVAL
/* fallocate(2) on a file: no alignment, no end but the file system's */
#define FILE_FALLOCATE                                                         \
	.align = 1, .empty = -EINVAL, .start_huge = -EINVAL,                   \
	.len_1e = -EFBIG, .len_huge = -EINVAL, .end_huge = -EFBIG
/* on a block device, in sectors: cut at the end */
#define BLOCK_ZEROES                                                           \
	{                                                                      \
		.align = 512, .empty = -EINVAL, .behind = -EINVAL,             \
		.start_huge = -EINVAL, .len_huge = -EINVAL,                    \
		.end_huge = -EFBIG                                             \
	}
/* not cut */
#define BLOCK_DISCARD                                                          \
	{                                                                      \
		.align = 512, .empty = -EINVAL, .across = -EINVAL,             \
		.behind = -EINVAL, .start_huge = -EINVAL, .len_4g = -EINVAL,   \
		.len_1e = -EINVAL, .len_huge = -EINVAL, .end_huge = -EINVAL    \
	}

static const struct facts matrix[] = {
	{
		.driver = "null",
		.properties = &null_properties,
		SYNTHETIC,
	},
	{
		.driver = "ram",
		.properties = &ram_properties,
		.stores = true,
		SYNTHETIC,
	},
	{
		.driver = "io_uring",
		.kind = FILE_DISK,
		.properties = &uring_file_properties,
		.has_source = true,
		.takes_fd = true,
		.wrong_file = EINVAL,
		.stores = true,
		.fd_enabled = true,
		.slow = SLOW_LOCK,
		.read = {URING_TRANSFER},
		.write = {URING_TRANSFER, .grows = true},
		.zeroes = {FILE_FALLOCATE},
		.zeroes_keep = {FILE_FALLOCATE, .grows = true},
		.discard = {FILE_FALLOCATE},
	},
	{
		.driver = "io_uring",
		.kind = LOOP_DISK,
		.properties = &uring_loop_properties,
		.has_source = true,
		.takes_fd = true,
		.wrong_file = EINVAL,
		.stores = true,
		.fd_enabled = true,
		.slow = SLOW_LOCK,
		.read = {URING_TRANSFER, .across = -EIO, .behind = -EIO},
		.write = {URING_TRANSFER, .across = -ENOSPC,
			  .behind = -ENOSPC},
		.zeroes = BLOCK_ZEROES,
		.zeroes_keep = BLOCK_ZEROES,
		.discard = BLOCK_DISCARD,
	},
	{
		.driver = "virtio-blk-vhost-user",
		.kind = VHOST_USER_DISK,
		.properties = &vhost_user_properties,
		.has_source = true,
		.wrong_file = ECONNREFUSED,
		.splits = true,
		.stores = true,
		.poll_all = true,
		.slow = SLOW_STOP,
		.read = NOTHING_BEHIND(-EINVAL),
		.write = NOTHING_BEHIND(-EINVAL),
		.zeroes = NOTHING_BEHIND(-EINVAL),
		.zeroes_keep = NOTHING_BEHIND(-EINVAL),
		.discard = NOTHING_BEHIND(-EINVAL),
	},
};

const struct facts *facts_find(const char *driver, enum kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(matrix); i++)
		if (matrix[i].kind == kind &&
		    strcmp(matrix[i].driver, driver) == 0)
			return &matrix[i];
	return NULL;
}

const struct property_fact *fact_of(const struct target *t, const char *name)
{
	const struct property_table *table = t->facts->properties;

	for (int i = 0; i < table->nr; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}
