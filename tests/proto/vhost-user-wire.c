/* SPDX-License-Identifier: MIT */
/* The bytes of a message are where the protocol has them: each field of each
 * kind of payload holds its own value, in the host's order. */
#include "tests/proto/vhost_user_samples.h"

static uint8_t buf[VHOST_USER_MSG_MAX];

static uint64_t field(size_t at, size_t size)
{
	uint64_t v = 0;

	for (size_t i = 0; i < size; i++) {
		size_t byte =
			__BYTE_ORDER == __LITTLE_ENDIAN ? size - 1 - i : i;

		v = v << 8 | buf[VHOST_USER_HEADER_LEN + at + byte];
	}
	return v;
}

static void encode(struct vhost_user_msg msg, uint32_t flags, uint32_t size)
{
	uint32_t words[3];

	memset(buf, 0x55, sizeof(buf));
	check_int(vhost_user_encode_request(buf, &msg),
		  VHOST_USER_HEADER_LEN + size);
	memcpy(words, buf, sizeof(words));
	check_int(words[0], msg.request);
	check_int(words[1], flags);
	check_int(words[2], size);
}

static void rings(void)
{
	encode((struct vhost_user_msg){MSG(SET_VRING_BASE),
				       .state = {.index = 7, .num = 0x80008000},
				       .need_reply = true},
	       9, 8);
	check_int(field(0, 4), 7);
	check_int(field(4, 4), 0x80008000);

	encode((struct vhost_user_msg){MSG(SET_VRING_ADDR), ADDR}, 1, 40);
	check_int(field(0, 4), 4);
	check_int(field(4, 4), 1);
	check_int(field(8, 8), 16);
	check_int(field(16, 8), 64);
	check_int(field(24, 8), 32);
	check_int(field(32, 8), 0x1234);

	encode((struct vhost_user_msg){MSG(SET_VRING_CALL), VRING_FD(true)}, 1,
	       8);
	check_int(field(0, 8), 255);
	encode((struct vhost_user_msg){MSG(SET_VRING_CALL), VRING_FD(false)}, 1,
	       8);
	check_int(field(0, 8), 0x1ff);
}

static void memory(void)
{
	encode((struct vhost_user_msg){MSG(SET_MEM_TABLE), TABLE}, 1, 72);
	check_int(field(0, 4), 2);
	check_int(field(4, 4), 0);
	check_int(field(8, 8), 0x100000);
	check_int(field(16, 8), 0x8000);
	check_int(field(24, 8), 0x7f0000000000);
	check_int(field(32, 8), 0x3000);
	check_int(field(40, 8), 0x200000);

	encode((struct vhost_user_msg){MSG(ADD_MEM_REG), .region = REGION_A}, 1,
	       40);
	check_int(field(0, 8), 0);
	check_int(field(8, 8), 0x100000);
	check_int(field(32, 8), 0x3000);

	encode((struct vhost_user_msg){MSG(SET_LOG_BASE), LOG}, 1, 16);
	check_int(field(0, 8), 0x1000);
	check_int(field(8, 8), 0x2000);
}

static void others(void)
{
	struct vhost_user_msg ask = {MSG(GET_CONFIG),
				     .config = {.offset = 2, .size = 5}};

	encode(ask, 1, 17);
	check_int(field(0, 4), 2);
	check_int(field(4, 4), 5);
	check_int(field(8, 4), 0);
	check_int(field(12, 4), 0);
	check_int(field(16, 1), 0);

	encode((struct vhost_user_msg){MSG(SET_CONFIG), CONFIG(told_config)}, 1,
	       17);
	check(!memcmp(buf + VHOST_USER_HEADER_LEN + 12, "abcde", 5));

	encode((struct vhost_user_msg){MSG(SET_INFLIGHT_FD), INFLIGHT}, 1, 24);
	check_int(field(0, 8), 0x1000);
	check_int(field(8, 8), 0x200);
	check_int(field(16, 2), 2);
	check_int(field(18, 2), 100);
	check_int(field(20, 4), 0);

	encode((struct vhost_user_msg){MSG(SET_FEATURES), .u64 = 1ULL << 63}, 1,
	       8);
	check_int(field(0, 8), 1ULL << 63);
}

int main(void)
{
	rings();
	memory();
	others();
	return 0;
}
