/* SPDX-License-Identifier: MIT */
/* Values that can't be are refused with -EINVAL and text, and those next to
 * them are taken. */
#include "tests/proto/vhost_user_samples.h"

static int try(struct vhost_user_msg msg, size_t nr_fds)
{
	struct sample s = {.msg = msg};
	struct vhost_user_msg got;
	uint8_t buf[VHOST_USER_MSG_MAX];

	vhost_user_encode_request(buf, &msg);
	return decode(&s, buf, nr_fds, &got);
}

#define TRY(fds, ...) try((struct vhost_user_msg){__VA_ARGS__}, fds)

static void rings(void)
{
	check_int(TRY(0, MSG(SET_VRING_NUM), .state = {0, 0}), -EINVAL);
	check_int(TRY(0, MSG(SET_VRING_NUM), .state = {0, 1}), 0);
	check_int(TRY(0, MSG(SET_VRING_NUM), .state = {0, 32768}), 0);
	check_int(TRY(0, MSG(SET_VRING_NUM), .state = {0, 32769}), -EINVAL);
	check_int(TRY(0, MSG(SET_VRING_ENABLE), .state = {0, 0}), 0);
	check_int(TRY(0, MSG(SET_VRING_ENABLE), .state = {0, 1}), 0);
	check_int(TRY(0, MSG(SET_VRING_ENABLE), .state = {0, 2}), -EINVAL);
	check_int(TRY(0, MSG(SET_VRING_BASE), .state = {0, UINT32_MAX}), 0);
	check_int(TRY(0, MSG(SET_VRING_ADDR), .addr = {.flags = 2}), -EINVAL);
	check_int(TRY(0, MSG(SET_VRING_KICK), .vring_fd = {0x200, false}),
		  -EINVAL);
	check_int(TRY(0, MSG(SET_STATUS), .u64 = 0x100), -EINVAL);
}

static void config(void)
{
	static const uint8_t data[VHOST_USER_CONFIG_MAX];

	check_int(TRY(0, MSG(SET_CONFIG), .config = {0, 256, 0, data}), 0);
	check_int(TRY(0, MSG(SET_CONFIG), .config = {255, 1, 1, data}), 0);
	check_int(TRY(0, MSG(SET_CONFIG), .config = {256, 1, 0, data}),
		  -EINVAL);
	check_int(TRY(0, MSG(SET_CONFIG), .config = {1, 256, 0, data}),
		  -EINVAL);
	check_int(TRY(0, MSG(SET_CONFIG), .config = {UINT32_MAX, 2, 0, data}),
		  -EINVAL);
	check_int(TRY(0, MSG(GET_CONFIG), .config = {0, 0, 0, data}), -EINVAL);
	check_int(TRY(0, MSG(GET_CONFIG), .config = {0, 1, 2, data}), -EINVAL);
}

static void files(void)
{
	uint64_t top = INT64_MAX;

	check_int(TRY(1, MSG(SET_LOG_BASE), .log = {0, 0}), -EINVAL);
	check_int(TRY(1, MSG(SET_LOG_BASE), .log = {1, top - 1}), 0);
	check_int(TRY(1, MSG(SET_LOG_BASE), .log = {1, top}), -EINVAL);
	check_int(TRY(1, MSG(SET_LOG_BASE), .log = {UINT64_MAX, 2}), -EINVAL);

	check_int(TRY(1, MSG(SET_INFLIGHT_FD),
		      .inflight = {1, top - 1, 1, 1, false}),
		  0);
	check_int(
		TRY(1, MSG(SET_INFLIGHT_FD), .inflight = {1, top, 1, 1, false}),
		-EINVAL);
	check_int(TRY(1, MSG(SET_INFLIGHT_FD),
		      .inflight = {UINT64_MAX, 2, 1, 1, false}),
		  -EINVAL);
	check_int(TRY(1, MSG(SET_INFLIGHT_FD), .inflight = {0, 0, 1, 1, false}),
		  -EINVAL);
	check_int(TRY(0, MSG(GET_INFLIGHT_FD),
		      .inflight = {0, 0, 1, 32768, false}),
		  0);
	check_int(TRY(0, MSG(GET_INFLIGHT_FD), .inflight = {0, 0, 0, 1, false}),
		  -EINVAL);
	check_int(TRY(0, MSG(GET_INFLIGHT_FD), .inflight = {0, 0, 1, 0, false}),
		  -EINVAL);
	check_int(TRY(0, MSG(GET_INFLIGHT_FD),
		      .inflight = {0, 0, 1, 32769, false}),
		  -EINVAL);
}

static void memory(void)
{
	struct vhost_user_region a = REGION_A, b = REGION_B, bad = a;
	uint32_t nr = VHOST_USER_TABLE_REGIONS + 1;
	struct sample s = {.msg = {MSG(SET_MEM_TABLE)}};
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct vhost_user_msg got;

	check_int(TRY(0, MSG(SET_MEM_TABLE)), 0);
	check_int(TRY(2, MSG(SET_MEM_TABLE), .table = {2, {a, b}}), 0);
	check_int(TRY(2, MSG(SET_MEM_TABLE), .table = {2, {b, b}}), -EINVAL);
	bad.mmap_offset = UINT64_MAX;
	check_int(TRY(1, MSG(ADD_MEM_REG), .region = bad), -EINVAL);
	check_int(TRY(2, MSG(SET_MEM_TABLE), .table = {2, {b, bad}}), -EINVAL);
	/* it doesn't matter there */
	check_int(TRY(1, MSG(REM_MEM_REG), .region = bad), 0);

	vhost_user_encode_request(buf, &s.msg);
	memcpy(buf + VHOST_USER_HEADER_LEN, &nr, sizeof(nr));
	check_int(decode(&s, buf, 0, &got), -EINVAL);
	nr = UINT32_MAX;
	memcpy(buf + VHOST_USER_HEADER_LEN, &nr, sizeof(nr));
	check_int(decode(&s, buf, 0, &got), -EINVAL);
}

int main(void)
{
	rings();
	config();
	files();
	memory();
	return 0;
}
