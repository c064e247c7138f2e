/* SPDX-License-Identifier: MIT */
/* A device without a flush is written through: flushing and FUA succeed, and
 * it hears of neither. One without discard and write zeroes: -ENOTSUP. */
#include "tests/virtio-blk-vhost-user/fake_server.h"

int main(void)
{
	struct fake_seen seen[4];
	struct blkio_mem_region r;
	struct fake f;
	bool needed;

	fake_init(&f);
	f.features &= ~(VIRTIO_BLK_F_FLUSH | VIRTIO_BLK_F_DISCARD |
			VIRTIO_BLK_F_WRITE_ZEROES);
	fake_start(&f);
	r = fake_region(&f, 512);
	check_ok(blkio_get_bool(f.b, "flush-needed", &needed));
	check(!needed);
	blkioq_flush(f.q, NULL, 0);
	check_int(test_result(f.q), 0);
	blkioq_discard(f.q, 0, 512, NULL, 0);
	check_int(test_result(f.q), -ENOTSUP);
	blkioq_write_zeroes(f.q, 0, 512, NULL, 0);
	check_int(test_result(f.q), -ENOTSUP);
	check_int(fake_take_seen(&f, seen, 4), 0);
	blkioq_write(f.q, 0, r.addr, 512, NULL, BLKIO_REQ_FUA);
	check_int(test_result(f.q), 0);
	check_int(fake_take_seen(&f, seen, 4), 1);
	check_int(seen[0].type, VIRTIO_BLK_T_OUT);
	fake_end(&f);
	return 0;
}
