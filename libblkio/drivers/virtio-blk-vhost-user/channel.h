/* SPDX-License-Identifier: MIT */
/*
 * The sockets between a vhost-user front-end and its back-end: messages of
 * proto/vhost_user.h with their file descriptors, sent and received within a
 * deadline. One struct for each of the two sockets: on the control channel we
 * ask, vu_channel_call(); on the back-end channel we are asked,
 * vu_channel_serve(), which never waits.
 *
 * Failure modes. The peer hangs up, at whichever byte: -ECONNRESET. It says
 * nothing: -ETIMEDOUT, at the deadline. It sends what the protocol doesn't
 * allow: -EBADMSG, -EPROTO, -EINVAL. After each of these the stream can't be
 * trusted, so the socket is shut down: who polls it sees a hang-up, and every
 * later call fails with -ECONNRESET. A request that the back-end refuses,
 * -EIO, leaves the channel in order. Descriptors that nobody wants are closed.
 *
 * Deadlines are of CLOCK_MONOTONIC, in nanoseconds: util/clock.h. Threads: a
 * channel belongs to one at a time.
 */
#ifndef LIBBLKIO_VHOST_USER_CHANNEL_H
#define LIBBLKIO_VHOST_USER_CHANNEL_H

#include "proto/vhost_user.h"

struct vu_channel {
	int fd; /* socket, ours; -1: none. Poll for EPOLLRDHUP, EPOLLIN */
	int cancel_fd; /* when it is readable, calls are over: -ECANCELED; -1 */
	bool broken;   /* the stream is lost; fd is shut down */
	bool hung_up;  /* and it was the peer who ended it */
	/* ask for a reply to requests that have none of their own */
	bool reply_ack;
	size_t received;	     /* bytes of buf */
	size_t nr_fds;		     /* that came with them */
	int fds[VHOST_USER_FDS_MAX]; /* ours until the message is whole */
	uint8_t buf[VHOST_USER_MSG_MAX];
};

/*
 * Connect to the socket at path. Returns 0, or
 *   -EINVAL        path is empty or longer than a socket's address
 *   -ETIMEDOUT     the deadline passed; the server's backlog is full
 *   other          passed through from socket(2), connect(2): -ENOENT,
 *                  -ECONNREFUSED, -EACCES ...
 */
int vu_channel_connect(struct vu_channel *ch, const char *path,
		       int64_t deadline_ns, struct err *err);

/*
 * Take over a socket, which is the channel's if 0 is returned. -EINVAL: it is
 * no connected stream socket of AF_UNIX; other: from getsockopt(2) ...
 */
int vu_channel_adopt(struct vu_channel *ch, int fd, struct err *err);

/* Also of one that could not be opened, or whose fd was set to -1. */
void vu_channel_close(struct vu_channel *ch);

/*
 * Send the request with its nr_fds descriptors, which stay the caller's, and
 * wait for the reply if it has one: by its nature, by need_reply, or because
 * of reply_ack. What the reply points to is valid until the next call. A
 * descriptor that came with it is the caller's in *reply_fd, else that is -1.
 * reply and reply_fd may be NULL where they aren't wanted. Returns 0, or
 *   -EIO           the back-end says that it failed
 *   -ETIMEDOUT     the deadline passed
 *   -ECONNRESET    the back-end hung up, now or before
 *   -EBADMSG, -EPROTO, -EINVAL   the reply is wrong
 *   other          passed through from sendmsg(2), recvmsg(2); of -EBADF and
 *                  others of descriptors, the channel takes no harm
 */
int vu_channel_call(struct vu_channel *ch, const struct vhost_user_msg *request,
		    const int *fds, size_t nr_fds, int64_t deadline_ns,
		    struct vhost_user_msg *reply, int *reply_fd,
		    struct err *err);

/*
 * When fd is readable without a call: 0 if that was nothing, -ECONNRESET if
 * the back-end hung up, -EBADMSG if it says something unasked.
 */
int vu_channel_check(struct vu_channel *ch, struct err *err);

/*
 * On the back-end channel, when fd is readable: take one request, if it is
 * there as a whole, and answer it. Returns
 *   1              it is in *request, and true to the protocol features
 *   0              not all of it is there, or it was refused: poll again
 *   -ECONNRESET, -EBADMSG, -EPROTO, or passed through: as above
 */
int vu_channel_serve(struct vu_channel *ch, uint64_t protocol_features,
		     struct vhost_user_msg *request, struct err *err);

#endif
