/* SPDX-License-Identifier: MIT */
/* Each request and each reply that one end encodes is what the other decodes,
 * field for field, need_reply included. */
#include "tests/proto/vhost_user_samples.h"

static uint8_t buf[VHOST_USER_MSG_MAX], again[VHOST_USER_MSG_MAX];

static void request(struct sample s)
{
	size_t len = vhost_user_encode_request(buf, &s.msg);
	struct vhost_user_msg got;

	check_int(len, VHOST_USER_HEADER_LEN + s.size);
	check_int(header_of(buf).size, s.size);
	check_int(decode(&s, buf, s.nr_fds, &got), 0);
	check(vhost_user_has_reply(&got) == (replies(&s) || s.msg.need_reply));
	check_int(vhost_user_encode_request(again, &got), len);
	check(!memcmp(buf, again, len));
}

static void reply(struct sample s)
{
	size_t len = encode_answer(&s, buf);
	struct vhost_user_msg got;

	if (!replies(&s) && !s.msg.need_reply) {
		check_int(len, 0);
		return;
	}
	check_int(len,
		  VHOST_USER_HEADER_LEN + (replies(&s) ? s.reply_size : 8));
	/* QEMU's front-end takes nothing but these flags */
	check_int(header_of(buf).flags, VHOST_USER_VERSION | VHOST_USER_REPLY);
	check_int(decode_answer(&s, buf, s.reply_fds, &got), 0);
	check_int(got.need_reply, s.msg.need_reply);
	s.reply = got;
	check_int(encode_answer(&s, again), len);
	check(!memcmp(buf, again, len));
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		struct sample s = samples[i];

		request(s);
		reply(s);
		s.msg.need_reply = true;
		request(s);
		reply(s);
	}
	return 0;
}
