/* SPDX-License-Identifier: MIT */
/* Every message of the protocol has an entry in the table under its number:
 * those we take are marked so, all others are refused by their name. */
#include "proto/vhost_user_rules.h"
#include "tests/proto/vhost_user_samples.h"

/* in the order of their numbers, from 1 on */
static const char *const frontend[] = {
	"GET_FEATURES",
	"SET_FEATURES",
	"SET_OWNER",
	"RESET_OWNER",
	"SET_MEM_TABLE",
	"SET_LOG_BASE",
	"SET_LOG_FD",
	"SET_VRING_NUM",
	"SET_VRING_ADDR",
	"SET_VRING_BASE",
	"GET_VRING_BASE",
	"SET_VRING_KICK",
	"SET_VRING_CALL",
	"SET_VRING_ERR",
	"GET_PROTOCOL_FEATURES",
	"SET_PROTOCOL_FEATURES",
	"GET_QUEUE_NUM",
	"SET_VRING_ENABLE",
	"SEND_RARP",
	"NET_SET_MTU",
	"SET_BACKEND_REQ_FD",
	"IOTLB_MSG",
	"SET_VRING_ENDIAN",
	"GET_CONFIG",
	"SET_CONFIG",
	"CREATE_CRYPTO_SESSION",
	"CLOSE_CRYPTO_SESSION",
	"POSTCOPY_ADVISE",
	"POSTCOPY_LISTEN",
	"POSTCOPY_END",
	"GET_INFLIGHT_FD",
	"SET_INFLIGHT_FD",
	"GPU_SET_SOCKET",
	"RESET_DEVICE",
	"VRING_KICK",
	"GET_MAX_MEM_SLOTS",
	"ADD_MEM_REG",
	"REM_MEM_REG",
	"SET_STATUS",
	"GET_STATUS",
	"GET_SHARED_OBJECT",
	"SET_DEVICE_STATE_FD",
	"CHECK_DEVICE_STATE",
};
static const char *const backend[] = {
	"BACKEND_IOTLB_MSG",
	"BACKEND_CONFIG_CHANGE_MSG",
	"BACKEND_VRING_HOST_NOTIFIER_MSG",
	"BACKEND_VRING_CALL",
	"BACKEND_VRING_ERR",
	"BACKEND_SHARED_OBJECT_ADD",
	"BACKEND_SHARED_OBJECT_REMOVE",
	"BACKEND_SHARED_OBJECT_LOOKUP",
};

static bool sampled(enum vhost_user_channel channel, uint32_t request)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		if (samples[i].msg.channel == channel &&
		    samples[i].msg.request == request)
			return true;
	}
	return false;
}

static void refused(enum vhost_user_channel channel, uint32_t request,
		    const char *name)
{
	struct vhost_user_header header = {.request = request,
					   .flags = VHOST_USER_VERSION};
	struct err err = ERR_INIT;
	struct vhost_user_msg msg;

	check_int(vhost_user_decode_request(channel, &header, NULL, 0,
					    UINT64_MAX, &msg, &err),
		  -EPROTO);
	check_contains(err.text, name);
	check_contains(err.text, "not supported");
}

static void check_channel(enum vhost_user_channel channel,
			  const char *const *names, uint32_t nr)
{
	static const uint32_t unknown[] = {0, 255, 1u << 31, UINT32_MAX};

	for (uint32_t n = 1; n <= nr; n++) {
		const struct vhost_user_rule *rule =
			vhost_user_rule(channel, n);

		check(rule);
		check_str(rule->name, names[n - 1]);
		check_str(vhost_user_name(channel, n), names[n - 1]);
		/* so that the other tests are about all of them */
		check_int(rule->supported, sampled(channel, n));
		if (!rule->supported)
			refused(channel, n, rule->name);
	}
	check(!vhost_user_rule(channel, nr + 1));
	refused(channel, nr + 1, "unknown");
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		check(!vhost_user_rule(channel, unknown[i]));
		refused(channel, unknown[i], "unknown");
	}
}

int main(void)
{
	check_channel(VHOST_USER_FRONTEND, frontend, ARRAY_SIZE(frontend));
	check_channel(VHOST_USER_BACKEND, backend, ARRAY_SIZE(backend));
	return 0;
}
