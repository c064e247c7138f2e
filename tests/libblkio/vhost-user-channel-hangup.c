/* SPDX-License-Identifier: MIT */
/* A back-end that hangs up, after each byte of its reply or before it was
 * asked, makes the call fail at once, and raises no SIGPIPE. */
#include "tests/libblkio/vu_peer.h"

static void after(size_t bytes, size_t len, const uint8_t *reply)
{
	struct peer p;

	peer_open(&p);
	peer_send(&p, reply, bytes);
	/* it goes on to listen, for a moment */
	check_int(shutdown(p.fd, SHUT_WR), 0);
	if (bytes == len) {
		check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), 0);
		check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), -ECONNRESET);
	} else {
		check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), -ECONNRESET);
	}
	check_str(p.err.text, "reply to GET_FEATURES: back-end hung up");
	check_given_up(&p);
	peer_close(&p);
}

static void before(void)
{
	struct peer p;

	peer_open(&p);
	peer_hang_up(&p);
	check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), -ECONNRESET);
	check_str(p.err.text, "GET_FEATURES: back-end hung up");
	check_given_up(&p);
	peer_close(&p);
	check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), -ECONNRESET);
	check_contains(p.err.text, "not connected");
}

/* With what we sent unread: the kernel calls that a reset. */
static void unread(void)
{
	struct peer p;

	peer_open(&p);
	check_int(call(&p, VHOST_USER_SET_OWNER, NULL), 0);
	peer_hang_up(&p);
	check_int(vu_channel_check(&p.ch, &p.err), -ECONNRESET);
	check_given_up(&p);
	peer_close(&p);
}

int main(void)
{
	uint8_t reply[VHOST_USER_MSG_MAX];
	size_t len = make(reply, VHOST_USER_GET_FEATURES, 5, 8, 1);

	for (size_t bytes = 0; bytes <= len; bytes++)
		after(bytes, len, reply);
	before();
	unread();
	return 0;
}
