/* SPDX-License-Identifier: MIT */
/* A reply that comes byte by byte, each when the one before has been read, is
 * one reply; and none of the next message is taken with it. */
#include <linux/sockios.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "tests/libblkio/vu_peer.h"

static uint8_t replies[2 * VHOST_USER_MSG_MAX];
static size_t len;

/* Wait until the channel has read all that was sent. */
static void drained(int fd)
{
	int64_t deadline = soon();
	int unread;

	do {
		check(clock_now_ns() < deadline);
		sched_yield();
		check_int(ioctl(fd, SIOCOUTQ, &unread), 0);
	} while (unread > 0);
}

static void *send_slowly(void *arg)
{
	struct peer *p = arg;

	for (size_t i = 0; i < len; i++) {
		peer_send(p, replies + i, 1);
		drained(p->fd);
	}
	return NULL;
}

static void slowly(struct peer *p)
{
	struct vhost_user_msg reply;
	pthread_t thread;

	len = make(replies, VHOST_USER_GET_FEATURES, 5, 8, 0x1122334455667788);
	check_int(pthread_create(&thread, NULL, send_slowly, p), 0);
	check_int(call(p, VHOST_USER_GET_FEATURES, &reply), 0);
	check_int(reply.u64, 0x1122334455667788);
	check_int(pthread_join(thread, NULL), 0);
}

static void at_once(struct peer *p)
{
	struct vhost_user_msg reply;

	len = make(replies, VHOST_USER_GET_FEATURES, 5, 8, 1);
	len += make(replies + len, VHOST_USER_GET_STATUS, 5, 8, 2);
	peer_send(p, replies, len);
	check_int(call(p, VHOST_USER_GET_FEATURES, &reply), 0);
	check_int(reply.u64, 1);
	check_int(call(p, VHOST_USER_GET_STATUS, &reply), 0);
	check_int(reply.u64, 2);
}

int main(void)
{
	struct peer p;

	peer_open(&p);
	slowly(&p);
	at_once(&p);
	peer_close(&p);
	return 0;
}
