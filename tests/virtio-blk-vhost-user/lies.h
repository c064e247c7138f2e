/* SPDX-License-Identifier: MIT */
/*
 * What a server can do wrong with an answer, whatever the message was: hooks
 * of fake_server.h. Include it once.
 */
#ifndef TESTS_LIES_H
#define TESTS_LIES_H

#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/virtio-blk-vhost-user/fake_server.h"

#define SILENCE_MS 100 /* that is enough to be taken for one */

enum way {
	RIGHT,	/* does as it should */
	SILENT, /* from that message on */
	HANGS_UP,
	HALF, /* of the answer, and hangs up */
	REFUSES,
	OTHER_REQUEST,
	NO_REPLY_FLAG,
	VERSION,
	TOO_SHORT,
	TOO_LONG,
	ENDLESS, /* by its header */
	DESCRIPTOR,
	DESCRIPTORS, /* as many as fit */
	TWICE,
	NR_WAYS,
};

/* The hook's argument */
struct lie {
	unsigned at; /* which message; the first is number 1 */
	enum way way;
	unsigned clients; /* so many are told the truth; of a server that
			     listens */
	/* the hook's own */
	unsigned client;
	unsigned nr; /* messages of that client */
};

static inline void put32(uint8_t *buf, size_t index, uint32_t value)
{
	memcpy(buf + 4 * index, &value, sizeof(value));
}

static inline uint32_t get32(const uint8_t *buf, size_t index)
{
	uint32_t value;

	memcpy(&value, buf + 4 * index, sizeof(value));
	return value;
}

/* Where there is to be no answer: one of 64 bits, which nobody has asked for.
 */
static inline size_t something(uint8_t *buf, const struct vhost_user_msg *msg)
{
	put32(buf, 0, msg->request);
	put32(buf, 1, VHOST_USER_VERSION | VHOST_USER_REPLY);
	put32(buf, 2, 8);
	memset(buf + VHOST_USER_HEADER_LEN, 0, 8);
	return VHOST_USER_HEADER_LEN + 8;
}

static inline void send_wrong(struct fake *f, enum way way, uint8_t *buf,
			      size_t len)
{
	int fds[VHOST_USER_FDS_MAX] = {0}, nr_fds = 0;
	uint32_t size = get32(buf, 2);

	switch (way) {
	case HALF:
		len /= 2;
		break;
	case REFUSES:
		memset(buf + VHOST_USER_HEADER_LEN, 0xff, 8);
		break;
	case OTHER_REQUEST:
		put32(buf, 0, get32(buf, 0) + 1);
		break;
	case NO_REPLY_FLAG:
		put32(buf, 1, VHOST_USER_VERSION);
		break;
	case VERSION:
		put32(buf, 1, get32(buf, 1) + 1);
		break;
	case TOO_SHORT:
		put32(buf, 2, size - 4);
		len -= 4;
		break;
	case TOO_LONG:
		put32(buf, 2, size + 4);
		put32(buf, len / 4, 0);
		len += 4;
		break;
	case ENDLESS:
		put32(buf, 2, UINT32_MAX);
		break;
	case DESCRIPTOR:
	case DESCRIPTORS:
		nr_fds = way == DESCRIPTOR ? 1 : VHOST_USER_FDS_MAX;
		break;
	default:
		break;
	}
	for (int i = 0; i < nr_fds; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	fake_send(f, buf, len, fds, nr_fds);
	for (int i = 0; i < nr_fds; i++)
		close(fds[i]);
}

static inline bool is_true(struct fake *f, struct lie *l)
{
	if (l->client != f->nr_clients)
		l->nr = 0;
	l->client = f->nr_clients;
	l->nr++;
	return l->way == RIGHT || (l->clients && l->client <= l->clients) ||
	       l->nr < l->at || (l->nr > l->at && l->way != SILENT);
}

static inline bool lie(struct fake *f, const struct vhost_user_msg *msg,
		       const uint8_t *answer, size_t len)
{
	struct lie *l = f->arg;
	uint8_t buf[VHOST_USER_MSG_MAX + 4];

	if (is_true(f, l))
		return false;
	if (l->way == SILENT)
		return true;
	if (l->way == HANGS_UP) {
		fake_hang_up(f);
		return true;
	}
	memcpy(buf, answer, len);
	if (len == 0)
		len = something(buf, msg);
	send_wrong(f, l->way, buf, len);
	if (l->way == TWICE)
		fake_send(f, buf, len, NULL, 0);
	if (l->way == HALF)
		fake_hang_up(f);
	return true;
}

#endif
