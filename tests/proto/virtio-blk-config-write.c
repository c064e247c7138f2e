/* SPDX-License-Identifier: MIT */
/* A driver can write the cache mode, 0 or 1, with CONFIG_WCE, and nothing
 * else of the configuration space. */
#include <errno.h>

#include "proto/virtio_blk.h"
#include "tests/check.h"

#define WCE VIRTIO_BLK_F_CONFIG_WCE

int main(void)
{
	const uint8_t values[] = {1, 0, 2, 255};
	uint8_t writeback = 77;
	struct err err = ERR_INIT;

	for (uint32_t offset = 0; offset < 100; offset++) {
		for (size_t len = 0; len <= 4; len++) {
			bool right = offset == 32 && len == 1;

			check_int(virtio_blk_config_write(WCE, offset, values,
							  len, &writeback,
							  &err),
				  right ? 0 : -EINVAL);
			check_int(writeback,
				  offset < 32 || (offset == 32 && len < 1) ? 77
									   : 1);
			check_int(virtio_blk_config_write(~WCE, offset, values,
							  len, &writeback,
							  &err),
				  -EINVAL);
			check_contains(err.text, "nothing is writable");
		}
	}
	check_int(virtio_blk_config_write(WCE, 32, values + 1, 1, &writeback,
					  &err),
		  0);
	check_int(writeback, 0);
	for (size_t i = 2; i < 4; i++) {
		check_int(virtio_blk_config_write(WCE, 32, values + i, 1,
						  &writeback, &err),
			  -EINVAL);
		check_contains(err.text, "0 or 1 wanted");
		check_int(writeback, 0);
	}
	return 0;
}
