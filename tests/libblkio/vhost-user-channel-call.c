/* SPDX-License-Identifier: MIT */
/* A call sends one message and returns with the reply that belongs to it, or
 * at once if there is none; with reply_ack, every request has one. A refusal
 * leaves the channel in order. */
#include "tests/libblkio/vu_peer.h"

static uint8_t buf[VHOST_USER_MSG_MAX];

static void get(struct peer *p)
{
	struct vhost_user_msg reply;

	peer_send(p, buf, make(buf, VHOST_USER_GET_FEATURES, 5, 8, 0xabcdef));
	check_int(call(p, VHOST_USER_GET_FEATURES, &reply), 0);
	check_int(reply.u64, 0xabcdef);
	check_int(peer_receive(p, buf, sizeof(buf)), 12);
	check_int(word(buf, 0), VHOST_USER_GET_FEATURES);
	check_int(word(buf, 1), 1);
	check_int(word(buf, 2), 0);
}

static void get_config(struct peer *p)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_GET_CONFIG,
				     .config = {.offset = 4, .size = 3}};
	static const char space[] = "\4\0\0\0\3\0\0\0\0\0\0\0xyz";
	struct vhost_user_msg reply;

	peer_send(p, buf, make(buf, msg.request, 5, 15, 0) - 8);
	peer_send(p, space, sizeof(space) - 1);
	check_int(vu_channel_call(&p->ch, &msg, NULL, 0, soon(), &reply, NULL,
				  &p->err),
		  0);
	check(!memcmp(reply.config.data, "xyz", 3));
	check_int(peer_receive(p, buf, sizeof(buf)), 27);
}

static void set(struct peer *p)
{
	check_int(call(p, VHOST_USER_SET_OWNER, NULL), 0);
	check_int(peer_receive(p, buf, sizeof(buf)), 12);
	check_int(word(buf, 1), 1);

	p->ch.reply_ack = true;
	peer_send(p, buf, make(buf, VHOST_USER_SET_OWNER, 5, 8, 0));
	check_int(call(p, VHOST_USER_SET_OWNER, NULL), 0);
	check_int(peer_receive(p, buf, sizeof(buf)), 12);
	check_int(word(buf, 1), 9);
}

static void refused(struct peer *p)
{
	peer_send(p, buf, make(buf, VHOST_USER_SET_OWNER, 5, 8, 22));
	check_int(call(p, VHOST_USER_SET_OWNER, NULL), -EIO);
	check_str(p->err.text,
		  "back-end's reply to SET_OWNER: it failed there (22)");
	peer_receive(p, buf, sizeof(buf));
}

int main(void)
{
	struct peer p;

	peer_open(&p);
	get(&p);
	get_config(&p);
	set(&p);
	refused(&p);
	get(&p);
	peer_close(&p);
	return 0;
}
