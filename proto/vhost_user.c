/* SPDX-License-Identifier: MIT */
/*
 * vhost-user messages: see vhost_user.h. The table of vhost_user_rules.h says
 * what a message is to be like, vhost_user_payload.h knows the payloads.
 * Failure modes: any message that breaks a rule is refused, with text that
 * begins with who sent it. No state.
 */
#include "proto/vhost_user.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/vhost_user_payload.h"
#include "proto/vhost_user_rules.h"
#include "proto/virtqueue.h"

#define FLAGS_KNOWN \
	(VHOST_USER_VERSION_MASK | VHOST_USER_REPLY | VHOST_USER_NEED_REPLY)

const char *vhost_user_name(enum vhost_user_channel channel, uint32_t request)
{
	const struct vhost_user_rule *rule = vhost_user_rule(channel, request);

	return rule ? rule->name : "unknown";
}

int vhost_user_decode_header(const uint8_t buf[VHOST_USER_HEADER_LEN],
			     struct vhost_user_header *header, struct err *err)
{
	uint32_t words[3];

	memcpy(words, buf, sizeof(words));
	header->request = words[0];
	header->flags = words[1];
	header->size = words[2];
	if ((header->flags & VHOST_USER_VERSION_MASK) != VHOST_USER_VERSION)
		return err_set(err, EBADMSG,
			       "header: version %" PRIu32 ", %u wanted",
			       header->flags & VHOST_USER_VERSION_MASK,
			       VHOST_USER_VERSION);
	if (header->flags & ~FLAGS_KNOWN)
		return err_set(err, EBADMSG,
			       "header: flags 0x%" PRIx32 ", known are 0x%x",
			       header->flags, FLAGS_KNOWN);
	if (header->size > VHOST_USER_PAYLOAD_MAX)
		return err_set(err, EBADMSG,
			       "header: payload of %" PRIu32
			       " bytes, at most %u wanted",
			       header->size, VHOST_USER_PAYLOAD_MAX);
	return 0;
}

static size_t encode(uint8_t *buf, uint32_t flags, enum payload kind,
		     const struct vhost_user_msg *msg)
{
	size_t size = payload_encode(kind, buf + VHOST_USER_HEADER_LEN, msg);
	uint32_t words[] = {msg->request, VHOST_USER_VERSION | flags, size};

	memcpy(buf, words, sizeof(words));
	return sizeof(words) + size;
}

/* ---- Requests ---- */

static int check_fds(size_t nr, size_t min, size_t max, struct err *err)
{
	if (nr < min || nr > max)
		return err_set(err, EPROTO,
			       "%zu file descriptors, %zu to %zu wanted", nr,
			       min, max);
	return 0;
}

/* The number of descriptors that the payload of a request calls for. */
static int check_request_fds(const struct vhost_user_rule *rule,
			     const struct vhost_user_msg *msg, size_t nr_fds,
			     struct err *err)
{
	size_t min = rule->fds_min, max = rule->fds_max;

	if (rule->request == PAYLOAD_VRING_FD)
		min = max = msg->vring_fd.has_fd;
	else if (rule->request == PAYLOAD_TABLE)
		min = max = msg->table.nr;
	return check_fds(nr_fds, min, max, err);
}

static int check_request_values(const struct vhost_user_msg *msg,
				struct err *err)
{
	const struct vhost_user_inflight *inflight = &msg->inflight;

	if (msg->channel != VHOST_USER_FRONTEND)
		return 0;
	switch (msg->request) {
	case VHOST_USER_SET_STATUS:
		if (msg->u64 > UINT8_MAX)
			return err_set(err, EINVAL,
				       "status 0x%" PRIx64
				       ", at most 0xff wanted",
				       msg->u64);
		return 0;
	case VHOST_USER_SET_INFLIGHT_FD:
		if (inflight->mmap_size == 0)
			return err_set(err, EINVAL, "an area of 0 bytes");
		/* fall through */
	case VHOST_USER_GET_INFLIGHT_FD:
		if (inflight->nr_queues == 0 || inflight->queue_size == 0 ||
		    inflight->queue_size > VQ_SIZE_MAX)
			return err_set(err, EINVAL,
				       "%u queues of %u entries, at least 1 "
				       "of 1 to %u wanted",
				       inflight->nr_queues,
				       inflight->queue_size, VQ_SIZE_MAX);
		return 0;
	}
	return 0;
}

static int decode_request(const struct vhost_user_rule *rule,
			  const struct vhost_user_header *header,
			  const uint8_t *payload, size_t nr_fds,
			  uint64_t protocol_features,
			  struct vhost_user_msg *msg, struct err *err)
{
	int ret;

	if (header->flags & VHOST_USER_REPLY)
		return err_set(err, EBADMSG,
			       "marked as a reply, a request wanted");
	if (!rule || !rule->supported)
		return err_set(err, EPROTO, "not supported here");
	if (rule->protocol_feature & ~protocol_features)
		return err_set(err, EPROTO,
			       "needs protocol feature 0x%" PRIx64
			       ", negotiated are 0x%" PRIx64,
			       rule->protocol_feature, protocol_features);
	ret = payload_decode(rule->request, payload, header->size, msg, err);
	if (ret == 0)
		ret = check_request_fds(rule, msg, nr_fds, err);
	if (ret == 0)
		ret = check_request_values(msg, err);
	return ret;
}

/* whose requests are on a channel, and who replies */
static const char *const asking[] = {"front-end", "back-end"};
static const char *const replying[] = {"back-end", "front-end"};

int vhost_user_decode_request(enum vhost_user_channel channel,
			      const struct vhost_user_header *header,
			      const uint8_t *payload, size_t nr_fds,
			      uint64_t protocol_features,
			      struct vhost_user_msg *msg, struct err *err)
{
	const struct vhost_user_rule *rule =
		vhost_user_rule(channel, header->request);
	int ret;

	*msg = (struct vhost_user_msg){
		.channel = channel,
		.request = header->request,
		.need_reply = header->flags & VHOST_USER_NEED_REPLY,
	};
	ret = decode_request(rule, header, payload, nr_fds, protocol_features,
			     msg, err);
	if (ret < 0)
		err_prefix(err,
			   "%s's request %" PRIu32 " (%s): ", asking[channel],
			   header->request,
			   vhost_user_name(channel, header->request));
	return ret;
}

static const struct vhost_user_rule *rule_of(const struct vhost_user_msg *msg)
{
	const struct vhost_user_rule *rule =
		vhost_user_rule(msg->channel, msg->request);

	assert(rule && rule->supported);
	return rule;
}

size_t vhost_user_encode_request(uint8_t *buf, const struct vhost_user_msg *msg)
{
	return encode(buf, msg->need_reply ? VHOST_USER_NEED_REPLY : 0,
		      rule_of(msg)->request, msg);
}

/* ---- Replies ---- */

bool vhost_user_has_reply(const struct vhost_user_msg *request)
{
	return rule_of(request)->has_reply || request->need_reply;
}

/* What the reply says beside what was asked. */
static int check_reply_values(const struct vhost_user_msg *asked,
			      enum payload kind, size_t nr_fds,
			      const struct vhost_user_msg *reply,
			      struct err *err)
{
	const struct vhost_user_config *config = &reply->config;

	if (kind == PAYLOAD_STATE && reply->state.index != asked->state.index)
		return err_set(err, EPROTO,
			       "queue %" PRIu32 ", %" PRIu32 " wanted",
			       reply->state.index, asked->state.index);
	if (kind == PAYLOAD_CONFIG && (config->offset != asked->config.offset ||
				       config->size != asked->config.size))
		return err_set(err, EPROTO,
			       "%" PRIu32 " bytes at %" PRIu32 ", %" PRIu32
			       " bytes at %" PRIu32 " wanted",
			       config->size, config->offset, asked->config.size,
			       asked->config.offset);
	if (kind == PAYLOAD_INFLIGHT) {
		size_t wanted = reply->inflight.mmap_size > 0;

		return check_fds(nr_fds, wanted, wanted, err);
	}
	return check_fds(nr_fds, 0, 0, err);
}

static int decode_reply(const struct vhost_user_msg *asked,
			const struct vhost_user_header *header,
			const uint8_t *payload, size_t nr_fds,
			struct vhost_user_msg *reply, struct err *err)
{
	const struct vhost_user_rule *rule = rule_of(asked);
	enum payload kind = rule->has_reply ? rule->reply : PAYLOAD_U64;
	int ret;

	if (!(header->flags & VHOST_USER_REPLY) ||
	    header->request != asked->request)
		return err_set(err, EBADMSG,
			       "message %" PRIu32 " (%s) with flags 0x%" PRIx32
			       " came instead",
			       header->request,
			       vhost_user_name(asked->channel, header->request),
			       header->flags);
	/* how a back-end says no to GET_CONFIG */
	if (kind == PAYLOAD_CONFIG && header->size == 0 && nr_fds == 0)
		return err_set(err, EIO, "it failed there");
	ret = payload_decode(kind, payload, header->size, reply, err);
	if (ret == 0)
		ret = check_reply_values(asked, kind, nr_fds, reply, err);
	if (ret == 0 && !rule->has_reply && reply->u64 != 0)
		return err_set(err, EIO, "it failed there (%" PRIu64 ")",
			       reply->u64);
	return ret;
}

int vhost_user_decode_reply(const struct vhost_user_msg *asked,
			    const struct vhost_user_header *header,
			    const uint8_t *payload, size_t nr_fds,
			    struct vhost_user_msg *reply, struct err *err)
{
	int ret;

	*reply = (struct vhost_user_msg){
		.channel = asked->channel,
		.request = asked->request,
		.need_reply = asked->need_reply,
	};
	ret = decode_reply(asked, header, payload, nr_fds, reply, err);
	if (ret < 0)
		err_prefix(err, "%s's reply to %s: ", replying[asked->channel],
			   vhost_user_name(asked->channel, asked->request));
	return ret;
}

size_t vhost_user_encode_reply(uint8_t *buf, const struct vhost_user_msg *reply)
{
	const struct vhost_user_rule *rule = rule_of(reply);

	assert(rule->has_reply);
	return encode(buf, VHOST_USER_REPLY, rule->reply, reply);
}

static size_t encode_answer(uint8_t *buf, uint32_t request, uint64_t answer)
{
	struct vhost_user_msg msg = {.request = request, .u64 = answer};

	return encode(buf, VHOST_USER_REPLY, PAYLOAD_U64, &msg);
}

size_t vhost_user_encode_success(uint8_t *buf,
				 const struct vhost_user_msg *request)
{
	const struct vhost_user_rule *rule = rule_of(request);

	assert(!rule->has_reply || rule->reply == PAYLOAD_IGNORED);
	if (!vhost_user_has_reply(request))
		return 0;
	return encode_answer(buf, request->request, 0);
}

size_t vhost_user_encode_refusal(uint8_t *buf, enum vhost_user_channel channel,
				 const struct vhost_user_header *header)
{
	const struct vhost_user_rule *rule =
		vhost_user_rule(channel, header->request);
	struct vhost_user_msg msg = {.request = header->request};

	if (header->flags & VHOST_USER_REPLY)
		return 0;
	if (rule && rule->has_reply) {
		if (rule->reply != PAYLOAD_CONFIG)
			return 0;
		return encode(buf, VHOST_USER_REPLY, PAYLOAD_NONE, &msg);
	}
	if (!(header->flags & VHOST_USER_NEED_REPLY))
		return 0;
	return encode_answer(buf, header->request, 1);
}
