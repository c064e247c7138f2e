/* SPDX-License-Identifier: MIT */
/*
 * Every kind of request, by number, for tests that go through all of them.
 */
#ifndef TESTS_REQUEST_TEST_H
#define TESTS_REQUEST_TEST_H

#include "tests/libblkio/blkio_test.h"

#define ALL_FLAGS (BLKIO_REQ_FUA | BLKIO_REQ_NO_UNMAP | BLKIO_REQ_NO_FALLBACK)

enum kind {
	READ,
	READV,
	WRITE,
	WRITEV,
	WRITE_ZEROES,
	DISCARD,
	FLUSH,
	BLOCK_STATUS,
	NR_DATA_KINDS, /* below: requests that null and ram do */
	REPORT_ZONES = NR_DATA_KINDS,
	CLOSE_ZONE,
	FINISH_ZONE,
	OPEN_ZONE,
	RESET_ZONE,
	CLOSE_ALL_ZONES,
	FINISH_ALL_ZONES,
	OPEN_ALL_ZONES,
	RESET_ALL_ZONES,
	NR_KINDS,
};

/* What the requests use; a test may point elsewhere. */
static struct blkio_extent test_extents[4];
static struct blkio_zone test_zones[1];

static inline void submit_zone(struct blkioq *q, enum kind kind, uint64_t start,
			       void *user_data, uint32_t flags)
{
	switch (kind) {
	case REPORT_ZONES:
		blkioq_report_zones(q, start, test_zones, 1, user_data, flags);
		break;
	case CLOSE_ZONE:
		blkioq_close_zone(q, start, user_data, flags);
		break;
	case FINISH_ZONE:
		blkioq_finish_zone(q, start, user_data, flags);
		break;
	case OPEN_ZONE:
		blkioq_open_zone(q, start, user_data, flags);
		break;
	case RESET_ZONE:
		blkioq_reset_zone(q, start, user_data, flags);
		break;
	case CLOSE_ALL_ZONES:
		blkioq_close_all_zones(q, user_data, flags);
		break;
	case FINISH_ALL_ZONES:
		blkioq_finish_all_zones(q, user_data, flags);
		break;
	case OPEN_ALL_ZONES:
		blkioq_open_all_zones(q, user_data, flags);
		break;
	default:
		blkioq_reset_all_zones(q, user_data, flags);
		break;
	}
}

/* A request of that kind on [start, start + len); iov describes buf. */
static inline void submit_kind(struct blkioq *q, enum kind kind, uint64_t start,
			       struct iovec *iov, void *user_data,
			       uint32_t flags)
{
	switch (kind) {
	case READ:
		blkioq_read(q, start, iov->iov_base, iov->iov_len, user_data,
			    flags);
		break;
	case READV:
		blkioq_readv(q, start, iov, 1, user_data, flags);
		break;
	case WRITE:
		blkioq_write(q, start, iov->iov_base, iov->iov_len, user_data,
			     flags);
		break;
	case WRITEV:
		blkioq_writev(q, start, iov, 1, user_data, flags);
		break;
	case WRITE_ZEROES:
		blkioq_write_zeroes(q, start, iov->iov_len, user_data, flags);
		break;
	case DISCARD:
		blkioq_discard(q, start, iov->iov_len, user_data, flags);
		break;
	case FLUSH:
		blkioq_flush(q, user_data, flags);
		break;
	case BLOCK_STATUS:
		blkioq_block_status(q, start, iov->iov_len, test_extents,
				    ARRAY_SIZE(test_extents), user_data, flags);
		break;
	default:
		submit_zone(q, kind, start, user_data, flags);
		break;
	}
}

/* The result of such a request, alone; c gets the completion. */
static inline int run_kind(struct blkioq *q, enum kind kind, uint64_t start,
			   struct iovec *iov, uint32_t flags,
			   struct blkio_completion *c)
{
	memset(c, 0xee, sizeof(*c));
	submit_kind(q, kind, start, iov, c, flags);
	test_wait(q, c, 1);
	check(c->user_data == c);
	for (size_t i = 0; i < sizeof(c->reserved_); i++)
		check_int(c->reserved_[i], 0);
	return c->ret;
}

#endif
