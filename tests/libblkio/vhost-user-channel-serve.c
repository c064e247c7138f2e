/* SPDX-License-Identifier: MIT */
/* Requests of the back-end are taken when they are whole, and answered; others
 * than those negotiated are refused; nothing that it does makes us wait. */
#include "tests/libblkio/vu_peer.h"

#define CHANGE VHOST_USER_BACKEND_CONFIG_CHANGE_MSG

static uint8_t buf[VHOST_USER_MSG_MAX];

static int serve(struct peer *p)
{
	struct vhost_user_msg msg = {0};
	int ret;

	p->err.text[0] = '\0';
	ret = vu_channel_serve(&p->ch, VHOST_USER_PROTOCOL_F_CONFIG, &msg,
			       &p->err);
	if (ret == 1) {
		check_int(msg.channel, VHOST_USER_BACKEND);
		check_int(msg.request, CHANGE);
	}
	return ret;
}

static void check_answer(struct peer *p, uint32_t request, uint64_t answer)
{
	uint64_t got;

	check_int(peer_receive(p, buf, sizeof(buf)), 20);
	check_int(word(buf, 0), request);
	check_int(word(buf, 1), 5);
	memcpy(&got, buf + 12, sizeof(got));
	check_int(got, answer);
}

static void taken(struct peer *p)
{
	check_int(serve(p), 0);
	peer_send(p, buf, make(buf, CHANGE, 1, 0, 0));
	check_int(serve(p), 1);
	check_int(peer_receive(p, buf, sizeof(buf)), 0);

	/* with need_reply, and in pieces */
	make(buf, CHANGE, 9, 0, 0);
	for (size_t i = 0; i < 12; i++) {
		check_int(serve(p), 0);
		peer_send(p, buf + i, 1);
	}
	check_int(serve(p), 1);
	check_answer(p, CHANGE, 0);
	check_int(serve(p), 0);
}

static void refused(struct peer *p)
{
	int fd = dup(p->fd);

	/* what we don't do, without and with need_reply */
	peer_send(p, buf, make(buf, 4, 1, 8, 0));
	check_int(serve(p), 0);
	check_int(peer_receive(p, buf, sizeof(buf)), 0);
	peer_send(p, buf, make(buf, 6, 9, 8, 0));
	check_int(serve(p), 0);
	check_answer(p, 6, 1);
	/* with a descriptor that has no place there */
	peer_send_fds(p, buf, make(buf, CHANGE, 9, 0, 0), &fd, 1);
	check_int(serve(p), 0);
	check_int(p->ch.nr_fds, 0);
	check_answer(p, CHANGE, 1);
	check_int(close(fd), 0);
	check(!p->ch.broken);
}

static void lost(uint32_t flags, uint32_t size)
{
	struct peer p;

	peer_open(&p);
	peer_send(&p, buf, make(buf, CHANGE, flags, size, 0));
	check_int(serve(&p), -EBADMSG);
	check_contains(p.err.text, "back-end");
	check_given_up(&p);
	check_int(serve(&p), -ECONNRESET);
	peer_close(&p);
}

static void hung_up(size_t bytes)
{
	struct peer p;

	peer_open(&p);
	make(buf, CHANGE, 1, 0, 0);
	peer_send(&p, buf, bytes);
	peer_hang_up(&p);
	check_int(serve(&p), -ECONNRESET);
	check_given_up(&p);
	peer_close(&p);
}

/* It asks and asks, and never reads. */
static void deaf(void)
{
	struct peer p;
	int ret;

	peer_open(&p);
	do {
		peer_send(&p, buf, make(buf, CHANGE, 9, 0, 0));
		ret = serve(&p);
	} while (ret == 1);
	check_int(ret, -EPROTO);
	check_contains(p.err.text, "does not read");
	check_given_up(&p);
	peer_close(&p);
}

int main(void)
{
	struct peer p;

	peer_open(&p);
	taken(&p);
	refused(&p);
	taken(&p);
	peer_close(&p);
	lost(5, 0);
	lost(2, 0);
	lost(1, 100000);
	for (size_t bytes = 0; bytes < 12; bytes++)
		hung_up(bytes);
	deaf();
	return 0;
}
