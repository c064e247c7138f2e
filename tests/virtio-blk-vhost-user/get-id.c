/* SPDX-License-Identifier: MIT */
/* blkioq_get_id() on both kinds of ring and of queue, without any mapped
 * region: short, long and no serial numbers, and a device that knows none. */
#include "tests/virtio-blk-vhost-user/fake_server.h"

static void check_id(const char *serial, int want, const char *id_want,
		     uint64_t features, uint64_t without, const char *props)
{
	char id[BLKIO_ID_LEN + 1] = "as it was";
	struct fake f;

	fake_init(&f);
	f.features = (f.features | features) & ~without;
	f.serial = serial;
	f.props = props;
	fake_start(&f);
	id[BLKIO_ID_LEN] = '#';
	blkioq_get_id(f.q, id, NULL, 0);
	check_int(test_result(f.q), want);
	check_str(id, id_want);
	check(id[BLKIO_ID_LEN] == '#');
	blkioq_get_id(f.q, id, NULL, BLKIO_REQ_FUA);
	check_int(test_result(f.q), -EINVAL);
	fake_end(&f);
}

int main(void)
{
	static const char long_one[] = "12345678901234567890123";
	static const char twenty[] = "12345678901234567890";

	check_id("S1", 0, "S1", 0, 0, "");
	check_id(long_one, 0, twenty, VIRTIO_F_RING_PACKED, 0, "");
	check_id(long_one, 0, twenty, 0, VIRTIO_F_INDIRECT_DESC,
		 "queue-size=4");
	check_id("", 0, "", 0, 0, "num-queues=0 num-poll-queues=1");
	check_id(NULL, -ENOTSUP, "as it was", 0, 0, "");
	return 0;
}
