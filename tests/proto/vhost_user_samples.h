/* SPDX-License-Identifier: MIT */
/*
 * One right message of each kind, with every field set, for the tests of
 * proto/vhost_user.h; and the shortest way to decode one.
 */
#ifndef TESTS_PROTO_VHOST_USER_SAMPLES_H
#define TESTS_PROTO_VHOST_USER_SAMPLES_H

#include <errno.h>

#include "proto/vhost_user.h"
#include "tests/check.h"
#include "util/compiler.h"

struct sample {
	struct vhost_user_msg msg;
	uint32_t size; /* of the payload */
	size_t nr_fds;
	struct vhost_user_msg reply; /* if of its own; with its request */
	uint32_t reply_size;
	size_t reply_fds;
};

#define MSG(name) .request = VHOST_USER_##name
#define STATE .state = {.index = 3, .num = 1}
#define REGION_A                                                    \
	{                                                           \
		.guest_addr = 0x100000, .size = 0x8000,             \
		.user_addr = 0x7f0000000000, .mmap_offset = 0x3000, \
	}
#define REGION_B                                                         \
	{                                                                \
		.guest_addr = 0x200000, .size = 1, .user_addr = 0x300000 \
	}
#define TABLE .table = {.nr = 2, .regions = {REGION_A, REGION_B}}
#define LOG .log = {.size = 0x1000, .offset = 0x2000}
#define CONFIG(bytes) \
	.config = {.offset = 2, .size = sizeof(bytes) - 1, .data = bytes}
#define INFLIGHT                           \
	.inflight = {.mmap_size = 0x1000,  \
		     .mmap_offset = 0x200, \
		     .nr_queues = 2,       \
		     .queue_size = 100}
#define ADDR                  \
	.addr = {.index = 4,  \
		 .flags = 1,  \
		 .desc = 16,  \
		 .used = 64,  \
		 .avail = 32, \
		 .log_guest = 0x1234}
#define VRING_FD(has) .vring_fd = {.index = 255, .has_fd = has}

static const uint8_t asked_config[] = "\0\0\0\0\0";
static const uint8_t told_config[] = "abcde";

/* clang-format off */
static const struct sample samples[] = {
	{{MSG(GET_FEATURES)}, 0, 0, {.u64 = UINT64_MAX - 1}, 8, 0},
	{{MSG(SET_FEATURES), .u64 = 0x8000000040000001}, 8, 0, {}, 0, 0},
	{{MSG(SET_OWNER)}, 0, 0, {}, 0, 0},
	{{MSG(RESET_OWNER)}, 0, 0, {}, 0, 0},
	{{MSG(SET_MEM_TABLE), TABLE}, 72, 2, {}, 0, 0},
	{{MSG(SET_LOG_BASE), LOG}, 16, 1, {.u64 = 0}, 8, 0},
	{{MSG(SET_LOG_FD)}, 0, 1, {}, 0, 0},
	{{MSG(SET_VRING_NUM), STATE}, 8, 0, {}, 0, 0},
	{{MSG(SET_VRING_ADDR), ADDR}, 40, 0, {}, 0, 0},
	{{MSG(SET_VRING_BASE), STATE}, 8, 0, {}, 0, 0},
	{{MSG(GET_VRING_BASE), STATE}, 8, 0,
		{.state = {.index = 3, .num = 0x87654321}}, 8, 0},
	{{MSG(SET_VRING_KICK), VRING_FD(true)}, 8, 1, {}, 0, 0},
	{{MSG(SET_VRING_KICK), VRING_FD(false)}, 8, 0, {}, 0, 0},
	{{MSG(SET_VRING_CALL), VRING_FD(true)}, 8, 1, {}, 0, 0},
	{{MSG(SET_VRING_CALL), VRING_FD(false)}, 8, 0, {}, 0, 0},
	{{MSG(SET_VRING_ERR), VRING_FD(true)}, 8, 1, {}, 0, 0},
	{{MSG(SET_VRING_ERR), VRING_FD(false)}, 8, 0, {}, 0, 0},
	{{MSG(GET_PROTOCOL_FEATURES)}, 0, 0, {.u64 = 0x8209}, 8, 0},
	{{MSG(SET_PROTOCOL_FEATURES), .u64 = 0x8209}, 8, 0, {}, 0, 0},
	{{MSG(GET_QUEUE_NUM)}, 0, 0, {.u64 = 16}, 8, 0},
	{{MSG(SET_VRING_ENABLE), STATE}, 8, 0, {}, 0, 0},
	{{MSG(SET_BACKEND_REQ_FD)}, 0, 1, {}, 0, 0},
	{{MSG(GET_CONFIG), CONFIG(asked_config)}, 17, 0,
		{CONFIG(told_config)}, 17, 0},
	{{MSG(SET_CONFIG), CONFIG(told_config)}, 17, 0, {}, 0, 0},
	{{MSG(GET_INFLIGHT_FD), INFLIGHT}, 24, 0, {INFLIGHT}, 24, 1},
	{{MSG(GET_INFLIGHT_FD), INFLIGHT}, 24, 0, {}, 24, 0},
	{{MSG(SET_INFLIGHT_FD), INFLIGHT}, 24, 1, {}, 0, 0},
	{{MSG(RESET_DEVICE)}, 0, 0, {}, 0, 0},
	{{MSG(GET_MAX_MEM_SLOTS)}, 0, 0, {.u64 = 509}, 8, 0},
	{{MSG(ADD_MEM_REG), .region = REGION_A}, 40, 1, {}, 0, 0},
	{{MSG(REM_MEM_REG), .region = REGION_B}, 40, 0, {}, 0, 0},
	{{MSG(REM_MEM_REG), .region = REGION_B}, 40, 1, {}, 0, 0},
	{{MSG(SET_STATUS), .u64 = 0xff}, 8, 0, {}, 0, 0},
	{{MSG(GET_STATUS)}, 0, 0, {.u64 = 15}, 8, 0},
	{{.channel = VHOST_USER_BACKEND, MSG(BACKEND_CONFIG_CHANGE_MSG)}, 0, 0,
		{}, 0, 0},
};
/* clang-format on */

static inline bool replies(const struct sample *s)
{
	return s->reply_size > 0;
}

static inline struct vhost_user_header header_of(const uint8_t *buf)
{
	struct vhost_user_header header;
	struct err err = ERR_INIT;

	check_int(vhost_user_decode_header(buf, &header, &err), 0);
	return header;
}

/* Decode with all features; a failure has to say who is wrong. */
static inline int decode(const struct sample *s, const uint8_t *buf,
			 size_t nr_fds, struct vhost_user_msg *msg)
{
	struct vhost_user_header header = header_of(buf);
	struct err err = ERR_INIT;
	int ret = vhost_user_decode_request(s->msg.channel, &header,
					    buf + VHOST_USER_HEADER_LEN, nr_fds,
					    UINT64_MAX, msg, &err);

	if (ret < 0)
		check_contains(err.text, s->msg.channel == VHOST_USER_BACKEND
						 ? "back-end's"
						 : "front-end's");
	return ret;
}

static inline int decode_answer(const struct sample *s, const uint8_t *buf,
				size_t nr_fds, struct vhost_user_msg *reply)
{
	struct vhost_user_header header = header_of(buf);
	struct err err = ERR_INIT;
	int ret = vhost_user_decode_reply(&s->msg, &header,
					  buf + VHOST_USER_HEADER_LEN, nr_fds,
					  reply, &err);

	if (ret < 0)
		check_contains(err.text, s->msg.channel == VHOST_USER_BACKEND
						 ? "front-end's"
						 : "back-end's");
	return ret;
}

/* The reply to a sample, or the sign of success; its length */
static inline size_t encode_answer(const struct sample *s, uint8_t *buf)
{
	struct vhost_user_msg reply = s->reply;

	reply.channel = s->msg.channel;
	reply.request = s->msg.request;
	reply.need_reply = s->msg.need_reply;
	if (replies(s) && s->msg.request != VHOST_USER_SET_LOG_BASE)
		return vhost_user_encode_reply(buf, &reply);
	return vhost_user_encode_success(buf, &s->msg);
}

#endif
