/* SPDX-License-Identifier: MIT */
/*
 * The event fd tells of a new capacity: as soon as the server announces it, or
 * else because it is asked, each second. Without a change it is silent.
 */
#include "tests/virtio-blk-vhost-user/connection.h"
#include "tests/virtio-blk-vhost-user/fake_server.h"

/* With each flush, the disk is half as large as before. */
static uint8_t shrink(struct fake *f, uint8_t status)
{
	f->config.capacity /= 2;
	if (f->back >= 0)
		fake_tell_change(f);
	return status;
}

static void check_event(struct fake *f, int fd, uint64_t capacity)
{
	struct blkio_status status;
	uint64_t ignored;

	check(test_readable(fd, TEST_TIMEOUT_S * 1000));
	check_int(read(fd, &ignored, 8), 8);
	check_ok(blkio_get_status(f->b, &status));
	check_int(status.capacity, capacity);
	check_int(status.connection, BLKIO_CONNECTION_UP);
	check(!test_readable(fd, 0));
}

static void check_change(bool announced, const char *props)
{
	struct blkio_mem_region r;
	struct fake f;
	int fd;

	fake_init(&f);
	if (announced)
		f.protocol_features |= VHOST_USER_PROTOCOL_F_BACKEND_REQ;
	f.on_status = shrink;
	f.props = props;
	f.listens = true;
	fake_start(&f);
	r = fake_region(&f, 4096);
	check_ok(fd = blkio_get_event_fd(f.b));
	check(!test_readable(fd, 0));
	for (uint64_t bytes = FAKE_BYTES / 2; bytes > 4096; bytes /= 4) {
		blkioq_flush(f.q, NULL, 0);
		check_int(test_result(f.q), 0);
		check_event(&f, fd, bytes);
		/* requests are held against it */
		blkioq_read(f.q, bytes, r.addr, 512, NULL, 0);
		check_int(test_result(f.q), -EINVAL);
		bytes *= 2;
		if (!announced)
			break;
	}
	fake_end(&f);
}

int main(void)
{
	check_change(true, "");
	check_change(true, "reconnect-ms=1");
	check_change(false, "");
	return 0;
}
