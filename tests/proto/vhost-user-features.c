/* SPDX-License-Identifier: MIT */
/* Messages of a protocol feature are refused when just that feature is not
 * negotiated; all others need none. */
#include "tests/proto/vhost_user_samples.h"

static uint64_t needed(const struct vhost_user_msg *msg)
{
	if (msg->channel == VHOST_USER_BACKEND)
		return 1 << 9;
	switch (msg->request) {
	case VHOST_USER_GET_QUEUE_NUM:
		return 1 << 0;
	case VHOST_USER_SET_LOG_BASE:
		return 1 << 1;
	case VHOST_USER_SET_BACKEND_REQ_FD:
		return 1 << 5;
	case VHOST_USER_GET_CONFIG:
	case VHOST_USER_SET_CONFIG:
		return 1 << 9;
	case VHOST_USER_GET_INFLIGHT_FD:
	case VHOST_USER_SET_INFLIGHT_FD:
		return 1 << 12;
	case VHOST_USER_RESET_DEVICE:
		return 1 << 13;
	case VHOST_USER_GET_MAX_MEM_SLOTS:
	case VHOST_USER_ADD_MEM_REG:
	case VHOST_USER_REM_MEM_REG:
		return 1 << 15;
	case VHOST_USER_SET_STATUS:
	case VHOST_USER_GET_STATUS:
		return 1 << 16;
	}
	return 0;
}

static int decode_with(const struct sample *s, uint64_t features)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct err err = ERR_INIT;
	struct vhost_user_msg msg;
	struct vhost_user_header header;
	int ret;

	vhost_user_encode_request(buf, &s->msg);
	header = header_of(buf);
	ret = vhost_user_decode_request(s->msg.channel, &header,
					buf + VHOST_USER_HEADER_LEN, s->nr_fds,
					features, &msg, &err);
	if (ret < 0)
		check_contains(err.text, "protocol feature");
	return ret;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct sample *s = &samples[i];
		uint64_t need = needed(&s->msg);

		check_int(decode_with(s, need), 0);
		check_int(decode_with(s, ~need), need ? -EPROTO : 0);
	}
	return 0;
}
