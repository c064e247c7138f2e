/* SPDX-License-Identifier: MIT */
/* The event fd tells of a new connection and of a new capacity, once each;
 * blkio_get_status() says what they are in every state. */
#include "tests/libblkio/blkio_test.h"

#define MIB (1 << 20)

static void check_status(struct blkio *b, uint64_t capacity,
			 enum blkio_connection connection, uint32_t changes)
{
	struct blkio_status s;

	memset(&s, 0xff, sizeof(s));
	check_ok(blkio_get_status(b, &s));
	check_int(s.capacity, capacity);
	check_int(s.connection, connection);
	check_int(s.changes, changes);
	for (size_t i = 0; i < ARRAY_SIZE(s.reserved_); i++)
		check_int(s.reserved_[i], 0);
}

int main(void)
{
	struct blkio *b = test_create("ram", "size=1048576");
	struct blkio_status s;
	int fd = blkio_get_event_fd(b);

	check_ok(fd);
	check_int(blkio_get_event_fd(b), fd);
	check(!test_consume(fd));
	check_status(b, 0, BLKIO_CONNECTION_NONE, 0);

	check_ok(blkio_connect(b));
	check(test_consume(fd));
	check_status(b, MIB, BLKIO_CONNECTION_UP, 2);
	test_consume(fd); /* the capacity was news */
	check_status(b, MIB, BLKIO_CONNECTION_UP, 2);
	check(!test_consume(fd));

	check_ok(blkio_start(b));
	check_ok(blkio_resize(b, 2 * MIB));
	check(test_consume(fd));
	check(!test_consume(fd));
	check_status(b, 2 * MIB, BLKIO_CONNECTION_UP, 3);
	check_ok(blkio_resize(b, 2 * MIB));
	check_int(test_u64(b, "capacity"), 2 * MIB);
	check(!test_consume(fd));
	blkio_destroy(&b);

	check_fails(blkio_get_status(NULL, &s), EINVAL, "instance");
	b = test_create("null", "");
	check_fails(blkio_get_status(b, NULL), EINVAL, "status");
	blkio_destroy(&b);
	return 0;
}
