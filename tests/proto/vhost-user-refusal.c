/* SPDX-License-Identifier: MIT */
/* A request that is refused is answered where the protocol has a way to say
 * so, unknown ones included; else there is nothing to send. */
#include "tests/proto/vhost_user_samples.h"

static uint8_t buf[VHOST_USER_MSG_MAX];

static size_t refuse(enum vhost_user_channel channel, uint32_t request,
		     uint32_t flags)
{
	struct vhost_user_header header = {request, VHOST_USER_VERSION | flags,
					   8};

	return vhost_user_encode_refusal(buf, channel, &header);
}

static void check_answer(uint32_t request, uint32_t size)
{
	struct vhost_user_header header = header_of(buf);
	uint64_t answer;

	check_int(header.request, request);
	check_int(header.flags, VHOST_USER_VERSION | VHOST_USER_REPLY);
	check_int(header.size, size);
	if (size > 0) {
		memcpy(&answer, buf + VHOST_USER_HEADER_LEN, sizeof(answer));
		check_int(answer, 1);
	}
}

static void check_one(const struct sample *s)
{
	enum vhost_user_channel channel = s->msg.channel;
	uint32_t request = s->msg.request;
	size_t len = refuse(channel, request, 0);
	size_t asked = refuse(channel, request, VHOST_USER_NEED_REPLY);

	if (channel == VHOST_USER_FRONTEND &&
	    request == VHOST_USER_GET_CONFIG) {
		check_int(len, VHOST_USER_HEADER_LEN);
		check_int(asked, VHOST_USER_HEADER_LEN);
		check_answer(request, 0);
		return;
	}
	check_int(len, 0);
	check_int(asked, replies(s) ? 0 : VHOST_USER_HEADER_LEN + 8);
	if (asked > 0)
		check_answer(request, 8);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		check_one(&samples[i]);
		/* never reply to a reply */
		check_int(refuse(samples[i].msg.channel, samples[i].msg.request,
				 VHOST_USER_REPLY | VHOST_USER_NEED_REPLY),
			  0);
	}
	check_int(refuse(VHOST_USER_FRONTEND, 999, 0), 0);
	check_int(refuse(VHOST_USER_FRONTEND, 999, VHOST_USER_NEED_REPLY), 20);
	check_answer(999, 8);
	check_int(refuse(VHOST_USER_BACKEND, 8, VHOST_USER_NEED_REPLY), 20);
	check_answer(8, 8);
	return 0;
}
