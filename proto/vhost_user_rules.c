/* SPDX-License-Identifier: MIT */
/*
 * The table of vhost-user messages: see vhost_user_rules.h. "Front-end
 * message types", "Back-end message types". Those of other devices, of
 * postcopy and of IOMMUs have a name only, so that a refusal can tell it.
 */
#include "proto/vhost_user_rules.h"

#include "util/compiler.h"

#define F(name) VHOST_USER_PROTOCOL_F_##name

/* clang-format off */
#define MESSAGE(n) .name = #n, .supported = true
#define OTHER(n) .name = #n
#define TAKES(kind) .request = PAYLOAD_##kind
#define GIVES(kind) .has_reply = true, .reply = PAYLOAD_##kind
#define FDS(min, max) .fds_min = min, .fds_max = max
#define NEEDS(name) .protocol_feature = F(name)

static const struct vhost_user_rule frontend[] = {
	[1]  = {MESSAGE(GET_FEATURES), GIVES(U64)},
	[2]  = {MESSAGE(SET_FEATURES), TAKES(U64)},
	[3]  = {MESSAGE(SET_OWNER)},
	[4]  = {MESSAGE(RESET_OWNER)},
	[5]  = {MESSAGE(SET_MEM_TABLE), TAKES(TABLE),
		FDS(0, VHOST_USER_TABLE_REGIONS)},
	[6]  = {MESSAGE(SET_LOG_BASE), TAKES(LOG), GIVES(IGNORED), FDS(1, 1),
		NEEDS(LOG_SHMFD)},
	[7]  = {MESSAGE(SET_LOG_FD), FDS(1, 1)},
	[8]  = {MESSAGE(SET_VRING_NUM), TAKES(STATE)},
	[9]  = {MESSAGE(SET_VRING_ADDR), TAKES(ADDR)},
	[10] = {MESSAGE(SET_VRING_BASE), TAKES(STATE)},
	[11] = {MESSAGE(GET_VRING_BASE), TAKES(STATE), GIVES(STATE)},
	[12] = {MESSAGE(SET_VRING_KICK), TAKES(VRING_FD), FDS(0, 1)},
	[13] = {MESSAGE(SET_VRING_CALL), TAKES(VRING_FD), FDS(0, 1)},
	[14] = {MESSAGE(SET_VRING_ERR), TAKES(VRING_FD), FDS(0, 1)},
	[15] = {MESSAGE(GET_PROTOCOL_FEATURES), GIVES(U64)},
	[16] = {MESSAGE(SET_PROTOCOL_FEATURES), TAKES(U64)},
	[17] = {MESSAGE(GET_QUEUE_NUM), GIVES(U64), NEEDS(MQ)},
	[18] = {MESSAGE(SET_VRING_ENABLE), TAKES(STATE)},
	[19] = {OTHER(SEND_RARP)},
	[20] = {OTHER(NET_SET_MTU)},
	[21] = {MESSAGE(SET_BACKEND_REQ_FD), FDS(1, 1), NEEDS(BACKEND_REQ)},
	[22] = {OTHER(IOTLB_MSG)},
	[23] = {OTHER(SET_VRING_ENDIAN)},
	[24] = {MESSAGE(GET_CONFIG), TAKES(CONFIG), GIVES(CONFIG),
		NEEDS(CONFIG)},
	[25] = {MESSAGE(SET_CONFIG), TAKES(CONFIG), NEEDS(CONFIG)},
	[26] = {OTHER(CREATE_CRYPTO_SESSION)},
	[27] = {OTHER(CLOSE_CRYPTO_SESSION)},
	[28] = {OTHER(POSTCOPY_ADVISE)},
	[29] = {OTHER(POSTCOPY_LISTEN)},
	[30] = {OTHER(POSTCOPY_END)},
	[31] = {MESSAGE(GET_INFLIGHT_FD), TAKES(INFLIGHT), GIVES(INFLIGHT),
		NEEDS(INFLIGHT_SHMFD)},
	[32] = {MESSAGE(SET_INFLIGHT_FD), TAKES(INFLIGHT), FDS(1, 1),
		NEEDS(INFLIGHT_SHMFD)},
	[33] = {OTHER(GPU_SET_SOCKET)},
	[34] = {MESSAGE(RESET_DEVICE), NEEDS(RESET_DEVICE)},
	[35] = {OTHER(VRING_KICK)},
	[36] = {MESSAGE(GET_MAX_MEM_SLOTS), GIVES(U64),
		NEEDS(CONFIGURE_MEM_SLOTS)},
	[37] = {MESSAGE(ADD_MEM_REG), TAKES(REGION), FDS(1, 1),
		NEEDS(CONFIGURE_MEM_SLOTS)},
	/* the protocol allows a descriptor for the sake of old front-ends */
	[38] = {MESSAGE(REM_MEM_REG), TAKES(REGION), FDS(0, 1),
		NEEDS(CONFIGURE_MEM_SLOTS)},
	[39] = {MESSAGE(SET_STATUS), TAKES(U64), NEEDS(STATUS)},
	[40] = {MESSAGE(GET_STATUS), GIVES(U64), NEEDS(STATUS)},
	[41] = {OTHER(GET_SHARED_OBJECT)},
	[42] = {OTHER(SET_DEVICE_STATE_FD)},
	[43] = {OTHER(CHECK_DEVICE_STATE)},
};

static const struct vhost_user_rule backend[] = {
	[1] = {OTHER(BACKEND_IOTLB_MSG)},
	[2] = {MESSAGE(BACKEND_CONFIG_CHANGE_MSG), NEEDS(CONFIG)},
	[3] = {OTHER(BACKEND_VRING_HOST_NOTIFIER_MSG)},
	[4] = {OTHER(BACKEND_VRING_CALL)},
	[5] = {OTHER(BACKEND_VRING_ERR)},
	[6] = {OTHER(BACKEND_SHARED_OBJECT_ADD)},
	[7] = {OTHER(BACKEND_SHARED_OBJECT_REMOVE)},
	[8] = {OTHER(BACKEND_SHARED_OBJECT_LOOKUP)},
};
/* clang-format on */

const struct vhost_user_rule *vhost_user_rule(enum vhost_user_channel channel,
					      uint32_t request)
{
	const struct vhost_user_rule *rules = frontend;
	size_t nr = ARRAY_SIZE(frontend);

	if (channel == VHOST_USER_BACKEND) {
		rules = backend;
		nr = ARRAY_SIZE(backend);
	}
	return request < nr && rules[request].name ? &rules[request] : NULL;
}
