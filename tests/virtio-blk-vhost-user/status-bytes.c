/* SPDX-License-Identifier: MIT */
/*
 * What a server says of a request: IOERR is -EIO, UNSUPP is -ENOTSUP, and a
 * status that means nothing, or was never written, is -EIO; the queue goes on
 * after each of them.
 */
#include "tests/virtio-blk-vhost-user/fake_server.h"

static uint8_t say(struct fake *f, uint8_t status)
{
	return __atomic_load_n((const uint8_t *)f->arg, __ATOMIC_RELAXED);
}

static int expected(unsigned status)
{
	if (status == VIRTIO_BLK_S_OK)
		return 0;
	return status == VIRTIO_BLK_S_UNSUPP ? -ENOTSUP : -EIO;
}

int main(void)
{
	struct blkio_mem_region r;
	char id[BLKIO_ID_LEN] = "as it was";
	uint8_t status = 0;
	struct fake f;

	fake_init(&f);
	f.serial = "S1";
	f.on_status = say;
	f.arg = &status;
	fake_start(&f);
	r = fake_region(&f, 512);
	for (unsigned i = 256; i-- > 0;) {
		__atomic_store_n(&status, (uint8_t)i, __ATOMIC_RELAXED);
		blkioq_read(f.q, 0, r.addr, 512, NULL, 0);
		check_int(test_result(f.q), expected(i));
		blkioq_write(f.q, 0, r.addr, 512, NULL, BLKIO_REQ_FUA);
		check_int(test_result(f.q), expected(i));
		blkioq_write_zeroes(f.q, 0, FAKE_BYTES, NULL, 0);
		check_int(test_result(f.q), expected(i));
		blkioq_get_id(f.q, id, NULL, 0);
		check_int(test_result(f.q), expected(i));
		check_str(id, i ? "as it was" : "S1");
	}
	fake_end(&f);
	return 0;
}
