/* SPDX-License-Identifier: MIT */
/* A reply that is to another request, or not to what was asked, is refused;
 * one that says that the request failed is told from a wrong one. */
#include "tests/proto/vhost_user_samples.h"

static uint8_t buf[VHOST_USER_MSG_MAX];

static int answer(struct vhost_user_msg asked, struct vhost_user_msg told,
		  size_t nr_fds, struct err *err)
{
	struct vhost_user_header header;
	struct vhost_user_msg reply;
	int ret;

	told.request = asked.request;
	vhost_user_encode_reply(buf, &told);
	header = header_of(buf);
	ret = vhost_user_decode_reply(&asked, &header,
				      buf + VHOST_USER_HEADER_LEN, nr_fds,
				      &reply, err);
	check(ret == 0 || err->text[0]);
	return ret;
}

static void other_request(void)
{
	struct vhost_user_header header = {
		.request = VHOST_USER_GET_QUEUE_NUM,
		.flags = VHOST_USER_VERSION | VHOST_USER_REPLY,
		.size = 8,
	};
	struct vhost_user_msg asked = {MSG(GET_FEATURES)}, reply;
	const uint8_t payload[8] = {0};
	struct err err = ERR_INIT;

	check_int(vhost_user_decode_reply(&asked, &header, payload, 0, &reply,
					  &err),
		  -EBADMSG);
	check_str(err.text, "back-end's reply to GET_FEATURES: message 17 "
			    "(GET_QUEUE_NUM) with flags 0x5 came instead");
	header.request = VHOST_USER_GET_FEATURES;
	check_int(vhost_user_decode_reply(&asked, &header, payload, 0, &reply,
					  &err),
		  0);
	/* libvhost-user leaves need_reply in */
	header.flags |= VHOST_USER_NEED_REPLY;
	check_int(vhost_user_decode_reply(&asked, &header, payload, 0, &reply,
					  &err),
		  0);
	header.flags = VHOST_USER_VERSION;
	check_int(vhost_user_decode_reply(&asked, &header, payload, 0, &reply,
					  &err),
		  -EBADMSG);
}

static void other_values(void)
{
	struct vhost_user_msg base = {MSG(GET_VRING_BASE), .state = {3, 0}};
	struct vhost_user_msg config = {MSG(GET_CONFIG),
					.config = {2, 5, 0, NULL}};
	struct vhost_user_msg inflight = {MSG(GET_INFLIGHT_FD), INFLIGHT};
	struct err err = ERR_INIT;

	check_int(
		answer(base, (struct vhost_user_msg){.state = {3, 9}}, 0, &err),
		0);
	check_int(
		answer(base, (struct vhost_user_msg){.state = {4, 9}}, 0, &err),
		-EPROTO);
	check_contains(err.text, "queue 4");
	check_int(answer(config,
			 (struct vhost_user_msg){.config = {2, 5, 0, NULL}}, 0,
			 &err),
		  0);
	check_int(answer(config,
			 (struct vhost_user_msg){.config = {1, 5, 0, NULL}}, 0,
			 &err),
		  -EPROTO);
	check_int(answer(config,
			 (struct vhost_user_msg){.config = {2, 6, 0, NULL}}, 0,
			 &err),
		  -EPROTO);
	check_contains(err.text, "6 bytes at 2, 5 bytes at 2 wanted");
	check_int(answer(inflight, inflight, 1, &err), 0);
	inflight.inflight.mmap_offset = UINT64_MAX;
	check_int(answer(inflight, inflight, 1, &err), -EINVAL);
}

static void failed(void)
{
	struct vhost_user_header header = {
		.flags = VHOST_USER_VERSION | VHOST_USER_NEED_REPLY,
	};
	struct vhost_user_msg msg = {MSG(SET_OWNER), .need_reply = true};
	struct sample s = {.msg = msg};

	header.request = msg.request;
	check_int(vhost_user_encode_refusal(buf, msg.channel, &header), 20);
	check_int(decode_answer(&s, buf, 0, &msg), -EIO);
	check_int(decode_answer(&s, buf, 1, &msg), -EPROTO);

	s.msg = (struct vhost_user_msg){MSG(GET_CONFIG),
					.config = {0, 8, 0, NULL}};
	header.request = s.msg.request;
	header.flags = VHOST_USER_VERSION;
	check_int(vhost_user_encode_refusal(buf, msg.channel, &header), 12);
	check_int(decode_answer(&s, buf, 0, &msg), -EIO);
	check_int(decode_answer(&s, buf, 1, &msg), -EPROTO);
}

int main(void)
{
	other_request();
	other_values();
	failed();
	return 0;
}
