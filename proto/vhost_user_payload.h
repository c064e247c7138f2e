/* SPDX-License-Identifier: MIT */
/*
 * The kinds of payload that vhost-user messages have, for vhost_user.c: bytes
 * to and from the member of struct vhost_user_msg that a kind fills. Which
 * message has which is in vhost_user_rules.h.
 *
 * Threads: any; pure functions.
 */
#ifndef PROTO_VHOST_USER_PAYLOAD_H
#define PROTO_VHOST_USER_PAYLOAD_H

#include "proto/vhost_user.h"

enum payload {
	PAYLOAD_NONE,
	PAYLOAD_U64,
	PAYLOAD_STATE,	  /* vring state, and descriptor indices */
	PAYLOAD_ADDR,	  /* vring address */
	PAYLOAD_VRING_FD, /* queue index and invalid-FD flag in 64 bits */
	PAYLOAD_TABLE,	  /* multiple memory regions */
	PAYLOAD_REGION,	  /* single memory region */
	PAYLOAD_LOG,
	PAYLOAD_CONFIG,
	PAYLOAD_INFLIGHT,
	PAYLOAD_IGNORED, /* nothing or 64 bits, without a meaning */
	PAYLOAD_KINDS,
};

/*
 * size bytes at p into msg, whose request is set. -EPROTO: the size is wrong;
 * -EINVAL: a value is.
 */
int payload_decode(enum payload kind, const uint8_t *p, uint32_t size,
		   struct vhost_user_msg *msg, struct err *err);

/* p: VHOST_USER_PAYLOAD_MAX */
size_t payload_encode(enum payload kind, uint8_t *p,
		      const struct vhost_user_msg *msg);

#endif
