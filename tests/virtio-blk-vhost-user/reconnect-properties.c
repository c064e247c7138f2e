/* SPDX-License-Identifier: MIT */
/*
 * reconnect-ms and reconnect-limit-ms: what they take, and when; reconnecting
 * takes a path, whichever of socket-fd and reconnect-ms is set first.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

static const char *const names[] = {"reconnect-ms", "reconnect-limit-ms"};

static void check_values(void)
{
	struct fake f;
	int value;

	fake_init(&f);
	f.listens = true;
	fake_create(&f);
	for (int i = 0; i < 2; i++) {
		check_ok(blkio_get_int(f.b, names[i], &value));
		check_int(value, 0);
		check_fails(blkio_set_int(f.b, names[i], -1), EINVAL, names[i]);
		check_ok(blkio_set_int(f.b, names[i], INT_MAX));
	}
	check_ok(blkio_connect(f.b));
	for (int i = 0; i < 2; i++) {
		check_ok(blkio_set_int(f.b, names[i], 0));
		check_ok(blkio_set_int(f.b, names[i], 7));
	}
	check_ok(blkio_start(f.b));
	for (int i = 0; i < 2; i++) {
		check_fails(blkio_set_int(f.b, names[i], 1), EBUSY, names[i]);
		check_ok(blkio_get_int(f.b, names[i], &value));
		check_int(value, 7);
	}
	fake_end(&f);
}

static void check_no_path(void)
{
	struct fake f;

	fake_init(&f);
	fake_create(&f);
	check_ok(blkio_set_int(f.b, "reconnect-ms", 1));
	check_fails(blkio_connect(f.b), EINVAL, "path");
	check_ok(blkio_set_int(f.b, "reconnect-ms", 0));
	check_ok(blkio_connect(f.b));
	f.client = -1;
	check_fails(blkio_set_int(f.b, "reconnect-ms", 1), EINVAL, "path");
	check_ok(blkio_start(f.b));
	fake_end(&f);
}

int main(void)
{
	check_values();
	check_no_path();
	return 0;
}
