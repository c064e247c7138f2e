/* SPDX-License-Identifier: MIT */
/*
 * Payloads of vhost-user messages: see vhost_user_payload.h. "Payload". A
 * pair of functions for each kind. Numbers are in the host's byte order and
 * unaligned, so all goes through memcpy. No state.
 */
#include "proto/vhost_user_payload.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/vhost_user_mem.h"
#include "proto/virtqueue.h"

#define REGION_LEN 32
#define TABLE_LEN(regions) (8 + REGION_LEN * (regions))
#define CONFIG_LEN(size) (12 + (size))
#define INFLIGHT_LEN 24 /* with the padding of the C structure */
#define INFLIGHT_SHORT_LEN 20

#define VRING_FD_INDEX 0xffu
#define VRING_FD_NONE (1u << 8)

/* clang-format off */
static const struct payload_size {
	uint16_t min; /* bytes; of those between, the payload decides */
	uint16_t max;
} payload_sizes[PAYLOAD_KINDS] = {
	[PAYLOAD_NONE]	   = {0, 0},
	[PAYLOAD_U64]	   = {8, 8},
	[PAYLOAD_STATE]	   = {8, 8},
	[PAYLOAD_ADDR]	   = {40, 40},
	[PAYLOAD_VRING_FD] = {8, 8},
	[PAYLOAD_TABLE]	   = {8, TABLE_LEN(VHOST_USER_TABLE_REGIONS)},
	[PAYLOAD_REGION]   = {8 + REGION_LEN, 8 + REGION_LEN},
	[PAYLOAD_LOG]	   = {16, 16},
	[PAYLOAD_CONFIG]   = {CONFIG_LEN(0), CONFIG_LEN(VHOST_USER_CONFIG_MAX)},
	[PAYLOAD_INFLIGHT] = {INFLIGHT_SHORT_LEN, INFLIGHT_LEN},
	[PAYLOAD_IGNORED]  = {0, 8},
};
/* clang-format on */

static uint16_t get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint8_t *put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static int wrong_size(uint32_t size, uint32_t wanted, struct err *err)
{
	return err_set(err, EPROTO,
		       "payload of %" PRIu32 " bytes, %" PRIu32 " wanted", size,
		       wanted);
}

static int decode_state(const uint8_t *p, struct vhost_user_msg *msg,
			struct err *err)
{
	uint32_t num = get32(p + 4);

	msg->state.index = get32(p);
	msg->state.num = num;
	if (msg->request == VHOST_USER_SET_VRING_NUM &&
	    (num == 0 || num > VQ_SIZE_MAX))
		return err_set(err, EINVAL,
			       "queue of %" PRIu32 " entries, 1 to %u wanted",
			       num, VQ_SIZE_MAX);
	if (msg->request == VHOST_USER_SET_VRING_ENABLE && num > 1)
		return err_set(err, EINVAL, "num is %" PRIu32 ", 0 or 1 wanted",
			       num);
	return 0;
}

static void encode_state(uint8_t *p, const struct vhost_user_vring_state *state)
{
	p = put32(p, state->index);
	put32(p, state->num);
}

static int decode_addr(const uint8_t *p, struct vhost_user_vring_addr *addr,
		       struct err *err)
{
	addr->index = get32(p);
	addr->flags = get32(p + 4);
	addr->desc = get64(p + 8);
	addr->used = get64(p + 16);
	addr->avail = get64(p + 24);
	addr->log_guest = get64(p + 32);
	if (addr->flags & ~VHOST_USER_VRING_F_LOG)
		return err_set(err, EINVAL,
			       "flags 0x%" PRIx32 ", known are 0x%x",
			       addr->flags, VHOST_USER_VRING_F_LOG);
	return 0;
}

static void encode_addr(uint8_t *p, const struct vhost_user_vring_addr *addr)
{
	p = put32(p, addr->index);
	p = put32(p, addr->flags);
	p = put64(p, addr->desc);
	p = put64(p, addr->used);
	p = put64(p, addr->avail);
	put64(p, addr->log_guest);
}

static int decode_vring_fd(const uint8_t *p, struct vhost_user_vring_fd *fd,
			   struct err *err)
{
	uint64_t v = get64(p);

	fd->index = v & VRING_FD_INDEX;
	fd->has_fd = !(v & VRING_FD_NONE);
	if (v & ~(uint64_t)(VRING_FD_INDEX | VRING_FD_NONE))
		return err_set(err, EINVAL,
			       "index and flags 0x%" PRIx64
			       ", at most 0x%x wanted",
			       v, VRING_FD_INDEX | VRING_FD_NONE);
	return 0;
}

static void decode_region(const uint8_t *p, struct vhost_user_region *region)
{
	region->guest_addr = get64(p);
	region->size = get64(p + 8);
	region->user_addr = get64(p + 16);
	region->mmap_offset = get64(p + 24);
}

static void encode_region(uint8_t *p, const struct vhost_user_region *region)
{
	p = put64(p, region->guest_addr);
	p = put64(p, region->size);
	p = put64(p, region->user_addr);
	put64(p, region->mmap_offset);
}

/* The protocol has an array of 8 there; front-ends send what is in use. */
static int decode_table(const uint8_t *p, uint32_t size,
			struct vhost_user_table *table, struct err *err)
{
	uint32_t wanted;
	int ret;

	table->nr = get32(p);
	if (table->nr > VHOST_USER_TABLE_REGIONS)
		return err_set(err, EINVAL,
			       "%" PRIu32 " regions, at most %u wanted",
			       table->nr, VHOST_USER_TABLE_REGIONS);
	wanted = TABLE_LEN(table->nr);
	if (size != wanted && size != TABLE_LEN(VHOST_USER_TABLE_REGIONS))
		return wrong_size(size, wanted, err);
	for (uint32_t i = 0; i < table->nr; i++) {
		decode_region(p + TABLE_LEN(i), &table->regions[i]);
		ret = vhost_user_check_new_region(table->regions, i,
						  VHOST_USER_TABLE_REGIONS,
						  &table->regions[i], err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void encode_table(uint8_t *p, const struct vhost_user_table *table)
{
	p = put32(p, table->nr);
	p = put32(p, 0);
	for (uint32_t i = 0; i < table->nr; i++, p += REGION_LEN)
		encode_region(p, &table->regions[i]);
}

static int decode_log(const uint8_t *p, struct vhost_user_log *log,
		      struct err *err)
{
	log->size = get64(p);
	log->offset = get64(p + 8);
	if (log->size == 0 || log->size > INT64_MAX ||
	    log->offset > INT64_MAX - log->size)
		return err_set(err, EINVAL,
			       "log of 0x%" PRIx64 " bytes at offset 0x%" PRIx64
			       " of its file",
			       log->size, log->offset);
	return 0;
}

static void encode_log(uint8_t *p, const struct vhost_user_log *log)
{
	p = put64(p, log->size);
	put64(p, log->offset);
}

static int decode_config(const uint8_t *p, uint32_t size,
			 struct vhost_user_config *config, struct err *err)
{
	config->offset = get32(p);
	config->size = get32(p + 4);
	config->flags = get32(p + 8);
	config->data = p + 12;
	if (config->size == 0 || config->size > VHOST_USER_CONFIG_MAX ||
	    config->offset > VHOST_USER_CONFIG_MAX - config->size)
		return err_set(err, EINVAL,
			       "%" PRIu32 " bytes at %" PRIu32
			       " of configuration space, which has %u",
			       config->size, config->offset,
			       VHOST_USER_CONFIG_MAX);
	if (size != CONFIG_LEN(config->size))
		return wrong_size(size, CONFIG_LEN(config->size), err);
	if (config->flags & ~VHOST_USER_CONFIG_MIGRATION)
		return err_set(err, EINVAL,
			       "flags 0x%" PRIx32 ", known are 0x%x",
			       config->flags, VHOST_USER_CONFIG_MIGRATION);
	return 0;
}

static void encode_config(uint8_t *p, const struct vhost_user_config *config)
{
	p = put32(p, config->offset);
	p = put32(p, config->size);
	p = put32(p, config->flags);
	if (config->data)
		memcpy(p, config->data, config->size);
	else
		memset(p, 0, config->size);
}

static int decode_inflight(const uint8_t *p, uint32_t size,
			   struct vhost_user_inflight *inflight,
			   struct err *err)
{
	if (size != INFLIGHT_SHORT_LEN && size != INFLIGHT_LEN)
		return wrong_size(size, INFLIGHT_LEN, err);
	inflight->mmap_size = get64(p);
	inflight->mmap_offset = get64(p + 8);
	inflight->nr_queues = get16(p + 16);
	inflight->queue_size = get16(p + 18);
	inflight->short_form = size == INFLIGHT_SHORT_LEN;
	if (inflight->mmap_size > INT64_MAX ||
	    inflight->mmap_offset > INT64_MAX - inflight->mmap_size)
		return err_set(err, EINVAL,
			       "0x%" PRIx64 " bytes at offset 0x%" PRIx64
			       " of the file",
			       inflight->mmap_size, inflight->mmap_offset);
	return 0;
}

static void encode_inflight(uint8_t *p, const struct vhost_user_inflight *i)
{
	p = put64(p, i->mmap_size);
	p = put64(p, i->mmap_offset);
	p = put16(p, i->nr_queues);
	p = put16(p, i->queue_size);
	if (!i->short_form)
		put32(p, 0);
}

int payload_decode(enum payload kind, const uint8_t *p, uint32_t size,
		   struct vhost_user_msg *msg, struct err *err)
{
	const struct payload_size *wanted = &payload_sizes[kind];

	if (size < wanted->min || size > wanted->max)
		return err_set(err, EPROTO,
			       "payload of %" PRIu32 " bytes, %u to %u wanted",
			       size, wanted->min, wanted->max);
	switch (kind) {
	case PAYLOAD_U64:
		msg->u64 = get64(p);
		return 0;
	case PAYLOAD_STATE:
		return decode_state(p, msg, err);
	case PAYLOAD_ADDR:
		return decode_addr(p, &msg->addr, err);
	case PAYLOAD_VRING_FD:
		return decode_vring_fd(p, &msg->vring_fd, err);
	case PAYLOAD_TABLE:
		return decode_table(p, size, &msg->table, err);
	case PAYLOAD_REGION:
		decode_region(p + 8, &msg->region);
		if (msg->request == VHOST_USER_REM_MEM_REG)
			msg->region.mmap_offset = 0;
		return vhost_user_check_region(&msg->region, err);
	case PAYLOAD_LOG:
		return decode_log(p, &msg->log, err);
	case PAYLOAD_CONFIG:
		return decode_config(p, size, &msg->config, err);
	case PAYLOAD_INFLIGHT:
		return decode_inflight(p, size, &msg->inflight, err);
	case PAYLOAD_IGNORED:
		return size == 0 || size == 8 ? 0 : wrong_size(size, 8, err);
	case PAYLOAD_NONE:
	case PAYLOAD_KINDS:
		break;
	}
	return 0;
}

static size_t payload_len(enum payload kind, const struct vhost_user_msg *msg)
{
	switch (kind) {
	case PAYLOAD_TABLE:
		return TABLE_LEN(msg->table.nr);
	case PAYLOAD_CONFIG:
		return CONFIG_LEN(msg->config.size);
	case PAYLOAD_INFLIGHT:
		if (msg->inflight.short_form)
			return INFLIGHT_SHORT_LEN;
		break;
	default:
		break;
	}
	return payload_sizes[kind].max;
}

size_t payload_encode(enum payload kind, uint8_t *p,
		      const struct vhost_user_msg *msg)
{
	const struct vhost_user_vring_fd *fd = &msg->vring_fd;
	size_t len = payload_len(kind, msg);

	assert(len <= payload_sizes[kind].max);
	switch (kind) {
	case PAYLOAD_U64:
		put64(p, msg->u64);
		break;
	case PAYLOAD_STATE:
		encode_state(p, &msg->state);
		break;
	case PAYLOAD_ADDR:
		encode_addr(p, &msg->addr);
		break;
	case PAYLOAD_VRING_FD:
		put64(p, fd->index | (fd->has_fd ? 0 : VRING_FD_NONE));
		break;
	case PAYLOAD_TABLE:
		encode_table(p, &msg->table);
		break;
	case PAYLOAD_REGION:
		encode_region(put64(p, 0), &msg->region);
		break;
	case PAYLOAD_LOG:
		encode_log(p, &msg->log);
		break;
	case PAYLOAD_CONFIG:
		encode_config(p, &msg->config);
		break;
	case PAYLOAD_INFLIGHT:
		encode_inflight(p, &msg->inflight);
		break;
	case PAYLOAD_IGNORED:
		put64(p, 0);
		break;
	case PAYLOAD_NONE:
	case PAYLOAD_KINDS:
		break;
	}
	return len;
}
