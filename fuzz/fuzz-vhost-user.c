/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the decoders of proto/vhost_user.h and of the virtio block
 * configuration. The first byte of the input chooses a channel, or the
 * configuration; the second has the number of descriptors of each message;
 * then come a request and its reply. What is taken has to be the same when it
 * is encoded and decoded once more, and a refusal says why.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "proto/vhost_user.h"
#include "proto/vhost_user_mem.h"
#include "proto/virtio_blk.h"

struct input {
	const uint8_t *data; /* moved over what is read */
	size_t size;	     /* left */
};

struct received {
	struct vhost_user_header header;
	uint8_t *payload; /* of just header.size bytes */
};

static bool receive(struct input *in, struct received *r)
{
	struct err err = ERR_INIT;

	if (in->size < VHOST_USER_HEADER_LEN)
		return false;
	if (vhost_user_decode_header(in->data, &r->header, &err) < 0) {
		FUZZ_CHECK(err.text[0]);
		return false;
	}
	in->data += VHOST_USER_HEADER_LEN;
	in->size -= VHOST_USER_HEADER_LEN;
	FUZZ_CHECK(r->header.size <= VHOST_USER_PAYLOAD_MAX);
	if (in->size < r->header.size)
		return false;
	r->payload = malloc(r->header.size);
	memcpy(r->payload, in->data, r->header.size);
	in->data += r->header.size;
	in->size -= r->header.size;
	return true;
}

static void check_memory(const struct vhost_user_table *table)
{
	for (uint32_t i = 0; i < table->nr; i++) {
		const struct vhost_user_region *r = &table->regions[i];
		int at;

		FUZZ_CHECK(r->size > 0 &&
			   r->guest_addr + r->size > r->guest_addr &&
			   r->user_addr + r->size > r->user_addr &&
			   r->mmap_offset + r->size <= INT64_MAX);
		at = vhost_user_find_user(table->regions, table->nr,
					  r->user_addr, r->size, NULL);
		FUZZ_CHECK(at >= 0 && at <= (int)i);
		FUZZ_CHECK(vhost_user_find_region(table->regions, table->nr, r,
						  NULL) == (int)i);
	}
}

static void check_request(const struct vhost_user_msg *msg, size_t nr_fds)
{
	uint8_t buf[2][VHOST_USER_MSG_MAX];
	struct vhost_user_header header;
	struct vhost_user_msg again;
	size_t len = vhost_user_encode_request(buf[0], msg);

	FUZZ_CHECK(vhost_user_decode_header(buf[0], &header, NULL) == 0);
	FUZZ_CHECK(len == VHOST_USER_HEADER_LEN + header.size);
	FUZZ_CHECK(vhost_user_decode_request(msg->channel, &header,
					     buf[0] + VHOST_USER_HEADER_LEN,
					     nr_fds, UINT64_MAX, &again,
					     NULL) == 0);
	FUZZ_CHECK(vhost_user_encode_request(buf[1], &again) == len);
	FUZZ_CHECK(memcmp(buf[0], buf[1], len) == 0);
	if (msg->channel == VHOST_USER_BACKEND)
		return;
	if (msg->request == VHOST_USER_SET_MEM_TABLE)
		check_memory(&msg->table);
	if (msg->request == VHOST_USER_SET_VRING_ADDR)
		vhost_user_check_vring_addr(&msg->addr, false, NULL);
}

static bool request(enum vhost_user_channel channel, struct input *in,
		    size_t nr_fds, struct received *r,
		    struct vhost_user_msg *msg)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct err err = ERR_INIT;
	int ret;

	if (!receive(in, r))
		return false;
	ret = vhost_user_decode_request(channel, &r->header, r->payload, nr_fds,
					UINT64_MAX, msg, &err);
	FUZZ_CHECK(vhost_user_encode_refusal(buf, channel, &r->header) <=
		   VHOST_USER_HEADER_LEN + 8);
	if (ret == 0) {
		check_request(msg, nr_fds);
		return true;
	}
	FUZZ_CHECK(ret == -EBADMSG || ret == -EPROTO || ret == -EINVAL);
	FUZZ_CHECK(err.text[0]);
	free(r->payload);
	return false;
}

static void reply(struct input *in, size_t nr_fds,
		  const struct vhost_user_msg *asked)
{
	struct err err = ERR_INIT;
	struct vhost_user_msg msg;
	struct received r;
	int ret;

	if (!receive(in, &r))
		return;
	ret = vhost_user_decode_reply(asked, &r.header, r.payload, nr_fds, &msg,
				      &err);
	FUZZ_CHECK(ret == 0 || err.text[0]);
	if (ret == 0 && asked->channel == VHOST_USER_FRONTEND &&
	    asked->request == VHOST_USER_GET_CONFIG)
		FUZZ_CHECK(msg.config.data + msg.config.size ==
			   r.payload + r.header.size);
	free(r.payload);
}

static void config(const uint8_t *data, size_t size)
{
	uint8_t space[VIRTIO_BLK_CONFIG_LEN], again[VIRTIO_BLK_CONFIG_LEN];
	struct virtio_blk_config c;
	struct err err = ERR_INIT;

	if (virtio_blk_config_decode(data, size, &c, &err) < 0) {
		FUZZ_CHECK(size < VIRTIO_BLK_CONFIG_LEN_MIN && err.text[0]);
		return;
	}
	virtio_blk_config_encode(&c, 0, space, sizeof(space));
	FUZZ_CHECK(memcmp(space, data, VIRTIO_BLK_CONFIG_LEN_MIN) == 0);
	FUZZ_CHECK(virtio_blk_config_check(&c, UINT64_MAX, &err) == 0 ||
		   err.text[0]);
	FUZZ_CHECK(virtio_blk_config_decode(space, sizeof(space), &c, NULL) ==
		   0);
	virtio_blk_config_encode(&c, 0, again, sizeof(again));
	FUZZ_CHECK(memcmp(space, again, sizeof(space)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vhost_user_msg msg;
	struct received r;
	struct input in;

	if (size < 2)
		return 0;
	in = (struct input){data + 2, size - 2};
	if (data[0] > VHOST_USER_BACKEND) {
		config(in.data, in.size);
	} else if (request(data[0], &in, data[1] & 15, &r, &msg)) {
		reply(&in, data[1] >> 4, &msg);
		/* till now: what was asked may point there */
		free(r.payload);
	}
	return 0;
}
