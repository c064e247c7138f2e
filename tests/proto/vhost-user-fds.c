/* SPDX-License-Identifier: MIT */
/* A message with more or fewer file descriptors than it has is refused, as a
 * request and as a reply. */
#include "tests/proto/vhost_user_samples.h"

static bool right(const struct sample *s, size_t nr_fds)
{
	if (s->msg.channel == VHOST_USER_FRONTEND &&
	    s->msg.request == VHOST_USER_REM_MEM_REG)
		return nr_fds <= 1;
	return nr_fds == s->nr_fds;
}

int main(void)
{
	struct vhost_user_msg msg;
	uint8_t buf[VHOST_USER_MSG_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		struct sample s = samples[i];

		s.msg.need_reply = true;
		for (size_t fds = 0; fds <= VHOST_USER_FDS_MAX + 1; fds++) {
			vhost_user_encode_request(buf, &s.msg);
			check_int(decode(&s, buf, fds, &msg),
				  right(&s, fds) ? 0 : -EPROTO);
			encode_answer(&s, buf);
			check_int(decode_answer(&s, buf, fds, &msg),
				  fds == s.reply_fds ? 0 : -EPROTO);
		}
	}
	return 0;
}
