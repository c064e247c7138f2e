/* SPDX-License-Identifier: MIT */
/*
 * vhost-user on the wire: the messages of both channels, and encode / decode
 * of each, for either end. Section names in comments are those of the
 * vhost-user protocol, docs/interop/vhost-user.rst of QEMU.
 *
 * A receiver reads VHOST_USER_HEADER_LEN bytes, decodes them, reads as many
 * bytes as the header says, and hands both over with the number of file
 * descriptors that came along; what is decoded points into the payload. A
 * sender fills a struct vhost_user_msg, of which the encoders make bytes. The
 * descriptors themselves stay with the caller, in every case: a refused
 * message's are its to close. What is checked needs nothing but the message
 * (and the negotiated protocol features); regions against each other are in
 * vhost_user_mem.h, queue indexes are the caller's to compare.
 *
 * Errors, with text that names the guilty side:
 *   -EBADMSG  no header of this protocol, or too long: the stream is lost
 *   -EPROTO   a whole message that breaks the protocol: unknown or not
 *             negotiated, wrong payload size, wrong number of descriptors
 *   -EINVAL   a value in the payload that can't be
 *   -EIO      the back-end refused our request; the connection is in order
 * Threads: any; pure functions.
 */
#ifndef PROTO_VHOST_USER_H
#define PROTO_VHOST_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

#define VHOST_USER_HEADER_LEN 12
#define VHOST_USER_CONFIG_MAX 256 /* bytes of configuration space */
#define VHOST_USER_PAYLOAD_MAX (12 + VHOST_USER_CONFIG_MAX)
#define VHOST_USER_MSG_MAX (VHOST_USER_HEADER_LEN + VHOST_USER_PAYLOAD_MAX)
#define VHOST_USER_FDS_MAX 8	   /* in one message */
#define VHOST_USER_TABLE_REGIONS 8 /* in SET_MEM_TABLE */

/* Header flags */
#define VHOST_USER_VERSION 1u
#define VHOST_USER_VERSION_MASK 3u
#define VHOST_USER_REPLY (1u << 2)
#define VHOST_USER_NEED_REPLY (1u << 3)

/* Bits that vhost-user puts among the virtio features */
#define VHOST_USER_F_LOG_ALL (UINT64_C(1) << 26)
#define VHOST_USER_F_PROTOCOL_FEATURES (UINT64_C(1) << 30)

/* Protocol features */
#define VHOST_USER_PROTOCOL_F_MQ (UINT64_C(1) << 0)
#define VHOST_USER_PROTOCOL_F_LOG_SHMFD (UINT64_C(1) << 1)
#define VHOST_USER_PROTOCOL_F_REPLY_ACK (UINT64_C(1) << 3)
#define VHOST_USER_PROTOCOL_F_BACKEND_REQ (UINT64_C(1) << 5)
#define VHOST_USER_PROTOCOL_F_CONFIG (UINT64_C(1) << 9)
#define VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD (UINT64_C(1) << 12)
#define VHOST_USER_PROTOCOL_F_RESET_DEVICE (UINT64_C(1) << 13)
#define VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS (UINT64_C(1) << 15)
#define VHOST_USER_PROTOCOL_F_STATUS (UINT64_C(1) << 16)

/* Front-end message types; those left out are named but not supported */
enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_LOG_BASE = 6,
	VHOST_USER_SET_LOG_FD = 7,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_SET_BACKEND_REQ_FD = 21,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_CONFIG = 25,
	VHOST_USER_GET_INFLIGHT_FD = 31,
	VHOST_USER_SET_INFLIGHT_FD = 32,
	VHOST_USER_RESET_DEVICE = 34,
	VHOST_USER_GET_MAX_MEM_SLOTS = 36,
	VHOST_USER_ADD_MEM_REG = 37,
	VHOST_USER_REM_MEM_REG = 38,
	VHOST_USER_SET_STATUS = 39,
	VHOST_USER_GET_STATUS = 40,
};

/* Back-end message types */
enum vhost_user_backend_request {
	VHOST_USER_BACKEND_CONFIG_CHANGE_MSG = 2,
};

/* Whose requests: each has numbers, and a socket, of its own */
enum vhost_user_channel {
	VHOST_USER_FRONTEND, /* the front-end asks, the back-end replies */
	VHOST_USER_BACKEND,  /* the other way round */
};

struct vhost_user_vring_state {
	uint32_t index; /* of the queue; unchecked */
	uint32_t num;	/* entries, base, enable: see struct vhost_user_msg */
};

#define VHOST_USER_VRING_F_LOG (1u << 0)

struct vhost_user_vring_addr {
	uint32_t index;	    /* of the queue; unchecked */
	uint32_t flags;	    /* VHOST_USER_VRING_F_LOG or 0 */
	uint64_t desc;	    /* user addresses, unchecked: use */
	uint64_t used;	    /* vhost_user_check_vring_addr() */
	uint64_t avail;	    /* and vhost_user_find_user() */
	uint64_t log_guest; /* where the used ring is in the dirty log */
};

struct vhost_user_vring_fd {
	uint32_t index; /* of the queue, <= 255 */
	bool has_fd;	/* else: poll, or no events */
};

struct vhost_user_region {
	uint64_t guest_addr;
	uint64_t size; /* bytes */
	uint64_t user_addr;
	uint64_t mmap_offset; /* bytes into its fd; REM_MEM_REG: 0 */
};

struct vhost_user_table {
	uint32_t nr; /* regions, and descriptors, in the same order */
	struct vhost_user_region regions[VHOST_USER_TABLE_REGIONS];
};

struct vhost_user_log {
	uint64_t size; /* bytes */
	uint64_t offset;
};

#define VHOST_USER_CONFIG_MIGRATION 1u

struct vhost_user_config {
	uint32_t offset;
	uint32_t size;	     /* bytes; offset + size <= VHOST_USER_CONFIG_MAX */
	uint32_t flags;	     /* VHOST_USER_CONFIG_MIGRATION or 0 */
	const uint8_t *data; /* size bytes; NULL to ask with: zeroes are sent */
};

struct vhost_user_inflight {
	uint64_t mmap_size; /* bytes; 0: a back-end that tracks nothing */
	uint64_t mmap_offset;
	uint16_t nr_queues;
	uint16_t queue_size;
	bool short_form; /* sent without the padding of the C structure */
};

struct vhost_user_msg {
	enum vhost_user_channel channel;
	uint32_t request; /* enum vhost_user_request, or ..._backend_request */
	bool need_reply;
	union {
		/*
		 * features of either kind, SET_STATUS (<= 255); of replies:
		 * also GET_QUEUE_NUM, GET_MAX_MEM_SLOTS, and 0 for success
		 */
		uint64_t u64;
		/*
		 * SET_VRING_NUM: 1 to VQ_SIZE_MAX; SET_VRING_BASE
		 * and the reply of GET_VRING_BASE: the index or indices;
		 * SET_VRING_ENABLE: 0 or 1
		 */
		struct vhost_user_vring_state state;
		struct vhost_user_vring_addr addr;
		struct vhost_user_vring_fd vring_fd; /* KICK, CALL, ERR */
		struct vhost_user_table table;	     /* SET_MEM_TABLE */
		struct vhost_user_region region;     /* ADD_, REM_MEM_REG */
		struct vhost_user_log log;
		struct vhost_user_config config;
		struct vhost_user_inflight inflight;
	};
};

struct vhost_user_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload, <= VHOST_USER_PAYLOAD_MAX */
};

/* -EBADMSG: version, unknown flags, size */
int vhost_user_decode_header(const uint8_t buf[VHOST_USER_HEADER_LEN],
			     struct vhost_user_header *header, struct err *err);

/*
 * A request that came on the channel, where the protocol features are
 * negotiated. -EBADMSG: it is a reply. -EPROTO, -EINVAL: refuse it, by
 * vhost_user_encode_refusal(), else by closing the connection.
 */
int vhost_user_decode_request(enum vhost_user_channel channel,
			      const struct vhost_user_header *header,
			      const uint8_t *payload, size_t nr_fds,
			      uint64_t protocol_features,
			      struct vhost_user_msg *msg, struct err *err);

/*
 * The reply to what was asked. -EBADMSG: it is none, or to another request;
 * -EPROTO, -EINVAL: it is ill-formed, or does not fit what was asked; -EIO: it
 * says that the request failed. With 0 and for GET_INFLIGHT_FD, the
 * descriptor belongs to it if mmap_size is not 0; else there is none.
 */
int vhost_user_decode_reply(const struct vhost_user_msg *asked,
			    const struct vhost_user_header *header,
			    const uint8_t *payload, size_t nr_fds,
			    struct vhost_user_msg *reply, struct err *err);

/* Whether one is sent: by its nature, or as it is asked for. */
bool vhost_user_has_reply(const struct vhost_user_msg *request);

/* buf: VHOST_USER_MSG_MAX. The request is one of those supported. */
size_t vhost_user_encode_request(uint8_t *buf,
				 const struct vhost_user_msg *msg);

/*
 * As above, to a request that has a reply of its own (GET_...): it is the
 * decoded request with what is to be told filled in.
 */
size_t vhost_user_encode_reply(uint8_t *buf,
			       const struct vhost_user_msg *reply);

/*
 * As above, to any other: it succeeded. 0 bytes when none is wanted;
 * vhost_user_has_reply() tells the two sorts from requests without.
 */
size_t vhost_user_encode_success(uint8_t *buf,
				 const struct vhost_user_msg *request);

/*
 * What tells the peer that its request failed, whether or not it could be
 * decoded; 0 when the protocol has no way to, and the connection must close.
 */
size_t vhost_user_encode_refusal(uint8_t *buf, enum vhost_user_channel channel,
				 const struct vhost_user_header *header);

/* For logs; "unknown" for what no version of the protocol known to us has. */
const char *vhost_user_name(enum vhost_user_channel channel, uint32_t request);

#endif
