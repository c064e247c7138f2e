/* SPDX-License-Identifier: MIT */
/* Which flags each kind of request takes; what is said about the others. */
#include "tests/libblkio/request_test.h"

static uint32_t allowed(enum kind kind)
{
	if (kind == WRITE || kind == WRITEV)
		return BLKIO_REQ_FUA;
	return kind == WRITE_ZEROES ? ALL_FLAGS : 0;
}

/* The text for flags on a request that allows others; NULL: it is good. */
static const char *complaint(uint32_t flags, uint32_t good)
{
	if (flags & ~ALL_FLAGS)
		return "unsupported bits in request flags";
	if (flags & ~good & BLKIO_REQ_FUA)
		return "BLKIO_REQ_FUA is invalid for this request type";
	if (flags & ~good & BLKIO_REQ_NO_UNMAP)
		return "BLKIO_REQ_NO_UNMAP is invalid for this request type";
	if (flags & ~good)
		return "BLKIO_REQ_NO_FALLBACK is invalid for this request type";
	return NULL;
}

static void check_kind(struct blkioq *q, enum kind kind, uint32_t flags)
{
	static char buf[4096];
	struct iovec iov = {buf, sizeof(buf)};
	const char *wrong = complaint(flags, allowed(kind));
	struct blkio_completion c;
	int ret = run_kind(q, kind, 0, &iov, flags, &c);

	if (wrong) {
		check_int(ret, -EINVAL);
		check_str(c.error_msg, wrong);
	} else if (kind >= NR_DATA_KINDS) {
		check_int(ret, -ENOTSUP);
		check_str(c.error_msg, "request not supported for this driver");
	} else {
		check_int(ret, kind == BLOCK_STATUS ? 1 : 0);
		check(!c.error_msg);
	}
}

static void check_driver(const char *driver, bool poll)
{
	struct blkio *b = test_start(driver, "size=1048576");
	struct blkioq *q;

	check_int(blkio_add_poll_queue(b), 0);
	q = poll ? blkio_get_poll_queue(b, 0) : blkio_get_queue(b, 0);
	for (int kind = 0; kind < NR_KINDS; kind++) {
		for (uint32_t flags = 0; flags < 16; flags++)
			check_kind(q, kind, flags);
		check_kind(q, kind, 1u << 31);
		check_kind(q, kind, ~0u);
	}
	blkio_destroy(&b);
}

int main(void)
{
	check_driver("null", false);
	check_driver("null", true);
	check_driver("ram", false);
	check_driver("ram", true);
	return 0;
}
