/* SPDX-License-Identifier: MIT */
/*
 * Whatever the server says on the back-end channel, the disk goes on working
 * and no descriptor is left behind: what is no message, messages that nobody
 * knows, with descriptors, too many of them, and a hang-up in the middle.
 */
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/virtio-blk-vhost-user/fake_server.h"

#define FLOOD 20000

enum way {
	NOTHING,
	UNKNOWN,
	UNKNOWN_ASKS, /* for an answer */
	DESCRIPTORS,
	VERSION,
	ENDLESS,
	IS_REPLY,
	TOO_LONG,
	HALF,
	HANGS_UP,
	ASKS_AND_ASKS, /* and reads no answer */
	NR_WAYS,
};

static void send_words(struct fake *f, uint32_t request, uint32_t flags,
		       uint32_t size, const int *fds, size_t nr_fds)
{
	const uint32_t words[] = {request, flags, size, 0, 0};
	int sock = f->sock;

	f->sock = f->back;
	fake_send(f, words, 12 + MIN(size, 8u), fds, nr_fds);
	f->sock = sock;
}

static void send_fds(struct fake *f)
{
	int fds[VHOST_USER_FDS_MAX];

	for (int i = 0; i < VHOST_USER_FDS_MAX; i++)
		check((fds[i] = eventfd(0, EFD_CLOEXEC)) >= 0);
	send_words(f, VHOST_USER_BACKEND_CONFIG_CHANGE_MSG, 1, 0, fds,
		   VHOST_USER_FDS_MAX);
	for (int i = 0; i < VHOST_USER_FDS_MAX; i++)
		close(fds[i]);
}

static void flood(struct fake *f)
{
	const uint32_t words[] = {
		VHOST_USER_BACKEND_CONFIG_CHANGE_MSG,
		VHOST_USER_VERSION | VHOST_USER_NEED_REPLY,
		0,
	};

	for (int i = 0; i < FLOOD; i++)
		if (send(f->back, words, sizeof(words),
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			check(errno == EAGAIN || errno == EPIPE ||
			      errno == ECONNRESET);
}

static void send_wrong(struct fake *f, enum way way)
{
	const uint32_t change = VHOST_USER_BACKEND_CONFIG_CHANGE_MSG;

	switch (way) {
	case UNKNOWN:
		send_words(f, 777, VHOST_USER_VERSION, 8, NULL, 0);
		break;
	case UNKNOWN_ASKS:
		send_words(f, 777, VHOST_USER_VERSION | VHOST_USER_NEED_REPLY,
			   8, NULL, 0);
		break;
	case DESCRIPTORS:
		send_fds(f);
		break;
	case VERSION:
		send_words(f, change, VHOST_USER_VERSION + 1, 0, NULL, 0);
		break;
	case ENDLESS:
		send_words(f, change, VHOST_USER_VERSION, UINT32_MAX, NULL, 0);
		break;
	case IS_REPLY:
		send_words(f, change, VHOST_USER_VERSION | VHOST_USER_REPLY, 8,
			   NULL, 0);
		break;
	case TOO_LONG:
		send_words(f, change, VHOST_USER_VERSION, 8, NULL, 0);
		break;
	case HALF:
		check_int(send(f->back, &change, 4, MSG_NOSIGNAL), 4);
		break;
	case HANGS_UP:
		shutdown(f->back, SHUT_RDWR);
		break;
	case ASKS_AND_ASKS:
		flood(f);
		break;
	default:
		break;
	}
}

/* With each flush, if there is somebody to say it to still. */
static uint8_t speak(struct fake *f, uint8_t status)
{
	check(f->back >= 0);
	send_wrong(f, *(enum way *)f->arg);
	return status;
}

static void check_way(enum way way)
{
	int before = test_nr_open_fds();
	struct blkio_mem_region r;
	struct fake f;

	fake_init(&f);
	f.protocol_features |= VHOST_USER_PROTOCOL_F_BACKEND_REQ;
	f.on_status = speak;
	f.arg = &way;
	fake_start(&f);
	r = fake_region(&f, 512);
	for (int i = 0; i < 3; i++) {
		blkioq_write(f.q, 0, r.addr, 512, NULL, 0);
		check_int(test_result(f.q), 0);
		check_int(test_u64(f.b, "capacity"), FAKE_BYTES);
	}
	fake_end(&f);
	check_int(test_nr_open_fds(), before);
}

int main(void)
{
	for (int way = NOTHING; way < NR_WAYS; way++)
		check_way(way);
	return 0;
}
