/* SPDX-License-Identifier: MIT */
/*
 * What the vhost-user protocol says of each message, as a table: for
 * vhost_user.c, and for tests.
 *
 * Threads: any; constant data.
 */
#ifndef PROTO_VHOST_USER_RULES_H
#define PROTO_VHOST_USER_RULES_H

#include "proto/vhost_user.h"
#include "proto/vhost_user_payload.h"

struct vhost_user_rule {
	const char *name;
	bool supported;	      /* else the rest isn't filled in */
	bool has_reply;	      /* of its own, whether or not one is asked for */
	enum payload request; /* kind of payload */
	enum payload reply;
	uint8_t fds_min; /* with the request; the payload may say more */
	uint8_t fds_max;
	uint64_t protocol_feature; /* it needs; 0: none */
};

/* NULL: no such message in any version of the protocol known to us. */
const struct vhost_user_rule *vhost_user_rule(enum vhost_user_channel channel,
					      uint32_t request);

#endif
