/* SPDX-License-Identifier: MIT */
/* Between calls, a look at the channel tells a back-end that is there from one
 * that hung up and from one that talks unasked; it takes nothing away. */
#include "tests/libblkio/vu_peer.h"

int main(void)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct peer p;

	peer_open(&p);
	check_int(vu_channel_check(&p.ch, &p.err), 0);
	peer_send(&p, buf, make(buf, VHOST_USER_GET_FEATURES, 5, 8, 3));
	check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), 0);
	check_int(vu_channel_check(&p.ch, &p.err), 0);
	peer_send(&p, buf, 1);
	check_int(vu_channel_check(&p.ch, &p.err), -EBADMSG);
	check_str(p.err.text, "back-end says something unasked");
	check_given_up(&p);
	peer_close(&p);
	check_int(vu_channel_check(&p.ch, &p.err), -ECONNRESET);

	peer_open(&p);
	peer_hang_up(&p);
	check_int(vu_channel_check(&p.ch, &p.err), -ECONNRESET);
	check_str(p.err.text, "back-end hung up");
	check_given_up(&p);
	peer_close(&p);
	return 0;
}
