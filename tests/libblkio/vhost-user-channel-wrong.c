/* SPDX-License-Identifier: MIT */
/* A reply that is wrong in any way, or garbage, makes the call fail with text
 * that names the back-end, and the channel is given up. */
#include "tests/libblkio/vu_peer.h"

static uint8_t buf[VHOST_USER_MSG_MAX];

static void wrong(size_t len, int want, const char *text)
{
	struct peer p;

	peer_open(&p);
	peer_send(&p, buf, len);
	peer_send(&p, buf, sizeof(buf)); /* more is of no help */
	check_int(call(&p, VHOST_USER_GET_FEATURES, NULL), want);
	check_contains(p.err.text, "back-end");
	check_contains(p.err.text, text);
	check_given_up(&p);
	peer_close(&p);
}

static void garbage(void)
{
	uint32_t state = 1;

	for (int round = 0; round < 1000; round++) {
		struct peer p;

		for (size_t i = 0; i < sizeof(buf); i++) {
			state = state * 1664525 + 1013904223;
			buf[i] = state >> 24;
		}
		/* half of them with a header that may be taken */
		if (round % 2)
			make(buf, VHOST_USER_GET_FEATURES, 5, state >> 24,
			     state);
		if (word(buf, 2) == 8)
			continue;
		peer_open(&p);
		peer_send(&p, buf, sizeof(buf));
		check_int(shutdown(p.fd, SHUT_WR), 0);
		check(call(&p, VHOST_USER_GET_FEATURES, NULL) < 0);
		check_given_up(&p);
		peer_close(&p);
	}
}

int main(void)
{
	uint32_t get = VHOST_USER_GET_FEATURES;

	wrong(make(buf, get, 6, 8, 0), -EBADMSG, "version 2");
	wrong(make(buf, get, 5 | 1 << 7, 8, 0), -EBADMSG, "flags");
	wrong(make(buf, get, 5, UINT32_MAX, 0), -EBADMSG, "payload");
	wrong(make(buf, get, 1, 8, 0), -EBADMSG, "instead");
	wrong(make(buf, VHOST_USER_GET_STATUS, 5, 8, 0), -EBADMSG,
	      "GET_STATUS");
	wrong(make(buf, get, 5, 0, 0), -EPROTO, "payload of 0 bytes");
	wrong(make(buf, get, 5, 4, 0), -EPROTO, "payload of 4 bytes");
	wrong(make(buf, get, 5, 9, 0), -EPROTO, "payload of 9 bytes");
	garbage();
	return 0;
}
