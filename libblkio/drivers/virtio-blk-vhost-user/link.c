/* SPDX-License-Identifier: MIT */
/*
 * A connection to a vhost-user server, and the negotiation on it. Nothing here
 * knows of an instance, so that one server can be talked to while the instance
 * has, or misses, another one.
 *
 * Needed are configuration space and acknowledgements: without these, nothing
 * would tell when a server is done with memory. Failure modes: as vu.h says.
 * Thread rule: a link belongs to one thread at a time.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libblkio/drivers/virtio-blk-vhost-user/vu.h"
#include "util/clock.h"

#define PROTOCOL_NEEDED \
	(VHOST_USER_PROTOCOL_F_REPLY_ACK | VHOST_USER_PROTOCOL_F_CONFIG)
#define PROTOCOL_WANTED                               \
	(PROTOCOL_NEEDED | VHOST_USER_PROTOCOL_F_MQ | \
	 VHOST_USER_PROTOCOL_F_BACKEND_REQ |          \
	 VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD |       \
	 VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)

void vu_link_init(struct vu_link *l, int timeout_ms)
{
	*l = (struct vu_link){
		.ch = {.fd = -1},
		.back = {.fd = -1},
		.err_fd = -1,
		.timeout_ms = timeout_ms,
		.deadline_ns = INT64_MAX,
	};
}

void vu_link_close(struct vu_link *l)
{
	vu_channel_close(&l->ch);
	vu_channel_close(&l->back);
	if (l->err_fd >= 0)
		close(l->err_fd);
	l->err_fd = -1;
}

int vu_link_call(struct vu_link *l, const struct vhost_user_msg *msg,
		 const int *fds, size_t nr_fds, struct vhost_user_msg *reply,
		 int *reply_fd, struct err *err)
{
	int64_t deadline_ns = clock_now_ns() + l->timeout_ms * NS_PER_MS;
	int ret = vu_channel_call(&l->ch, msg, fds, nr_fds,
				  MIN(deadline_ns, l->deadline_ns), reply,
				  reply_fd, err);

	switch (ret) {
	case -ECONNRESET:
	case -EBADMSG:
	case -EPROTO:
	case -EINVAL:
		return -EIO;
	default:
		return ret;
	}
}

static int get_u64(struct vu_link *l, uint32_t request, uint64_t *value,
		   struct err *err)
{
	const struct vhost_user_msg msg = {.request = request};
	struct vhost_user_msg reply;
	int ret = vu_link_call(l, &msg, NULL, 0, &reply, NULL, err);

	if (ret == 0)
		*value = reply.u64;
	return ret;
}

static int set_u64(struct vu_link *l, uint32_t request, uint64_t value,
		   struct err *err)
{
	const struct vhost_user_msg msg = {.request = request, .u64 = value};

	return vu_link_call(l, &msg, NULL, 0, NULL, NULL, err);
}

static int negotiate_protocol(struct vu_link *l, struct err *err)
{
	uint64_t offered;
	int ret = get_u64(l, VHOST_USER_GET_PROTOCOL_FEATURES, &offered, err);

	if (ret < 0)
		return ret;
	if (PROTOCOL_NEEDED & ~offered)
		return err_set(err, EIO,
			       "Backend doesn't support required protocol "
			       "features: offers 0x%" PRIx64 ", 0x%" PRIx64
			       " needed",
			       offered, PROTOCOL_NEEDED);
	l->protocol_features = offered & PROTOCOL_WANTED;
	ret = set_u64(l, VHOST_USER_SET_PROTOCOL_FEATURES, l->protocol_features,
		      err);
	l->ch.reply_ack = ret == 0;
	return ret;
}

static int negotiate_features(struct vu_link *l, uint64_t wanted, bool exact,
			      uint64_t offered, struct err *err)
{
	if (!(offered & VIRTIO_F_VERSION_1))
		return err_set(err, EIO,
			       "Backend doesn't support VIRTIO_F_VERSION_1: "
			       "offers 0x%" PRIx64,
			       offered);
	if (exact &&
	    ((wanted & ~offered) || (offered & ~wanted & VIRTIO_BLK_F_RO)))
		return err_set(err, EIO,
			       "Backend has come back with features 0x%" PRIx64
			       ", 0x%" PRIx64 " wanted",
			       offered, wanted);
	l->features = offered & wanted;
	return set_u64(l, VHOST_USER_SET_FEATURES, l->features, err);
}

static int learn_counts(struct vu_link *l, struct err *err)
{
	int ret = 0;

	l->queues = 1;
	l->slots = VHOST_USER_TABLE_REGIONS;
	if (vu_link_has(l, VHOST_USER_PROTOCOL_F_MQ))
		ret = get_u64(l, VHOST_USER_GET_QUEUE_NUM, &l->queues, err);
	if (ret == 0 &&
	    vu_link_has(l, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS))
		ret = get_u64(l, VHOST_USER_GET_MAX_MEM_SLOTS, &l->slots, err);
	if (ret < 0)
		return ret;
	if (l->queues == 0 || l->slots == 0)
		return err_set(err, EIO,
			       "Backend has %" PRIu64 " queues and %" PRIu64
			       " memory slots, at least 1 of each wanted",
			       l->queues, l->slots);
	return 0;
}

/* A server that does not want one after all says nothing of changes. */
static int open_back_channel(struct vu_link *l, struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_SET_BACKEND_REQ_FD,
	};
	int fds[2], ret;

	if (!vu_link_has(l, VHOST_USER_PROTOCOL_F_BACKEND_REQ))
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "socketpair");
	ret = vu_channel_adopt(&l->back, fds[0], err);
	if (ret < 0)
		close(fds[0]);
	else
		ret = vu_link_call(l, &msg, &fds[1], 1, NULL, NULL, err);
	close(fds[1]);
	if (ret == -EIO && !l->ch.broken) {
		vu_channel_close(&l->back);
		return 0;
	}
	return ret;
}

int vu_link_negotiate(struct vu_link *l, uint64_t wanted, bool exact,
		      struct err *err)
{
	uint64_t offered;
	int ret;

	l->err_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->err_fd < 0)
		return err_sys(err, errno, "eventfd of a connection");
	ret = set_u64(l, VHOST_USER_SET_OWNER, 0, err);
	if (ret == 0)
		ret = get_u64(l, VHOST_USER_GET_FEATURES, &offered, err);
	if (ret < 0)
		return ret;
	if (!(offered & VHOST_USER_F_PROTOCOL_FEATURES))
		return err_set(err, EIO,
			       "Backend doesn't support "
			       "VHOST_USER_F_PROTOCOL_FEATURES");
	ret = negotiate_protocol(l, err);
	if (ret == 0)
		ret = negotiate_features(
			l, wanted | VHOST_USER_F_PROTOCOL_FEATURES, exact,
			offered, err);
	if (ret == 0)
		ret = learn_counts(l, err);
	if (ret == 0)
		ret = open_back_channel(l, err);
	return ret;
}

int vu_link_read_config(struct vu_link *l, uint8_t *buf, size_t len,
			struct err *err)
{
	const struct vhost_user_msg msg = {
		.request = VHOST_USER_GET_CONFIG,
		.config = {.size = len},
	};
	struct vhost_user_msg reply;
	int ret = vu_link_call(l, &msg, NULL, 0, &reply, NULL, err);

	if (ret == 0)
		memcpy(buf, reply.config.data, len);
	return ret;
}
