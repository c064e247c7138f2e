/* SPDX-License-Identifier: MIT */
/* A header with another version, unknown flags or too much payload is
 * refused; a reply is no request, and a request no reply. */
#include "tests/proto/vhost_user_samples.h"

static int header(uint32_t flags, uint32_t size, const char *text)
{
	uint32_t words[] = {VHOST_USER_SET_OWNER, flags, size};
	struct vhost_user_header header;
	uint8_t buf[VHOST_USER_HEADER_LEN];
	struct err err = ERR_INIT;
	int ret;

	memcpy(buf, words, sizeof(words));
	ret = vhost_user_decode_header(buf, &header, &err);
	check_contains(err.text, text);
	if (ret == 0) {
		check_int(header.request, VHOST_USER_SET_OWNER);
		check_int(header.flags, flags);
		check_int(header.size, size);
	}
	return ret;
}

static int request(uint32_t flags)
{
	struct vhost_user_header h = {VHOST_USER_SET_OWNER, flags, 0};
	struct err err = ERR_INIT;
	struct vhost_user_msg msg;
	int ret = vhost_user_decode_request(VHOST_USER_FRONTEND, &h, NULL, 0, 0,
					    &msg, &err);

	check_contains(err.text, ret < 0 ? "reply" : "");
	check_int(msg.need_reply, (flags & VHOST_USER_NEED_REPLY) != 0);
	return ret;
}

int main(void)
{
	check_int(header(1, 0, ""), 0);
	check_int(header(1 | 4 | 8, VHOST_USER_PAYLOAD_MAX, ""), 0);
	check_int(header(1, VHOST_USER_PAYLOAD_MAX + 1, "payload"), -EBADMSG);
	check_int(header(1, UINT32_MAX, "payload"), -EBADMSG);
	check_int(header(0, 0, "version 0"), -EBADMSG);
	check_int(header(2, 0, "version 2"), -EBADMSG);
	check_int(header(3, 0, "version 3"), -EBADMSG);
	for (int bit = 4; bit < 32; bit++)
		check_int(header(1 | 1u << bit, 0, "flags"), -EBADMSG);

	check_int(request(1), 0);
	check_int(request(1 | VHOST_USER_NEED_REPLY), 0);
	check_int(request(1 | VHOST_USER_REPLY), -EBADMSG);
	check_int(request(1 | VHOST_USER_REPLY | VHOST_USER_NEED_REPLY),
		  -EBADMSG);
	return 0;
}
