/* SPDX-License-Identifier: MIT */
/* A payload of any other size than the message has is refused, as a request
 * and as a reply, and nothing behind it is read. */
#include "tests/proto/vhost_user_samples.h"

/* Sizes that are right too: all 8 regions, records without their padding */
static bool other_size(uint32_t request, bool reply, uint32_t size)
{
	switch (request) {
	case VHOST_USER_SET_MEM_TABLE:
		return size == 8 + 32 * VHOST_USER_TABLE_REGIONS;
	case VHOST_USER_GET_INFLIGHT_FD:
	case VHOST_USER_SET_INFLIGHT_FD:
		return size == 20;
	case VHOST_USER_SET_LOG_BASE:
		return reply && size == 0;
	}
	return false;
}

/* The message cut or lengthened to size, in memory of just that length */
static uint8_t *resized(const uint8_t *buf, uint32_t size)
{
	uint8_t *copy = malloc(VHOST_USER_HEADER_LEN + size);

	check(copy);
	memcpy(copy, buf, VHOST_USER_HEADER_LEN + size);
	memcpy(copy + 8, &size, sizeof(size));
	return copy;
}

static void try_size(const struct sample *s, const uint8_t *request,
		     const uint8_t *reply, uint32_t size)
{
	uint8_t *buf = resized(request, size);
	struct vhost_user_msg msg;
	int ret = decode(s, buf, s->nr_fds, &msg), want = -EPROTO;

	if (size == s->size || other_size(s->msg.request, false, size))
		want = 0;
	check_int(ret, want);
	free(buf);

	buf = resized(reply, size);
	ret = decode_answer(s, buf, s->reply_fds, &msg);
	want = -EPROTO;
	if (size == (replies(s) ? s->reply_size : 8) ||
	    (replies(s) && other_size(s->msg.request, true, size)))
		want = 0;
	else if (s->msg.request == VHOST_USER_GET_CONFIG && size == 0)
		want = -EIO;
	check_int(ret, want);
	free(buf);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		uint8_t request[VHOST_USER_MSG_MAX] = {0};
		uint8_t reply[VHOST_USER_MSG_MAX] = {0};
		struct sample s = samples[i];

		s.msg.need_reply = true;
		vhost_user_encode_request(request, &s.msg);
		encode_answer(&s, reply);
		for (uint32_t size = 0; size <= VHOST_USER_PAYLOAD_MAX; size++)
			try_size(&s, request, reply, size);
	}
	return 0;
}
