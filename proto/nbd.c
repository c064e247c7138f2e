/* SPDX-License-Identifier: MIT */
/*
 * NBD on the wire: see nbd.h. Numbers are big-endian and unaligned, so all
 * goes byte-wise through memcpy. Failure modes: a message whose lengths or
 * magics are wrong is refused with text that names the field. No state.
 */
#include "proto/nbd.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAGIC_NBD UINT64_C(0x4e42444d41474943)	  /* "NBDMAGIC" */
#define MAGIC_OPTION UINT64_C(0x49484156454f5054) /* "IHAVEOPT" */
#define MAGIC_OPTION_REPLY UINT64_C(0x0003e889045565a9)
#define MAGIC_REQUEST UINT32_C(0x25609513)
#define MAGIC_SIMPLE_REPLY UINT32_C(0x67446698)
#define MAGIC_CHUNK UINT32_C(0x668e33ef)

#define CHUNK_DONE (1u << 0)

enum chunk_type {
	CHUNK_NONE = 0,
	CHUNK_OFFSET_DATA = 1,
	CHUNK_BLOCK_STATUS = 5,
	CHUNK_ERROR = (1 << 15) + 1,
};

static uint16_t get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static uint8_t *put16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

/* ---- Handshake phase ---- */

size_t nbd_encode_greeting(uint8_t *buf, uint16_t handshake_flags)
{
	uint8_t *p = buf;

	p = put64(p, MAGIC_NBD);
	p = put64(p, MAGIC_OPTION);
	p = put16(p, handshake_flags);
	return p - buf;
}

int nbd_decode_client_flags(const uint8_t buf[NBD_CLIENT_FLAGS_LEN],
			    uint32_t allowed, uint32_t *flags, struct err *err)
{
	*flags = get32(buf);
	if (*flags & ~allowed)
		return err_set(err, EINVAL,
			       "client flags: 0x%" PRIx32
			       ", known are 0x%" PRIx32,
			       *flags, allowed);
	return 0;
}

int nbd_decode_option(const uint8_t buf[NBD_OPTION_LEN],
		      struct nbd_option *option, struct err *err)
{
	uint64_t magic = get64(buf);

	if (magic != MAGIC_OPTION)
		return err_set(err, EBADMSG,
			       "option: magic 0x%016" PRIx64 ", not IHAVEOPT",
			       magic);
	option->type = get32(buf + 8);
	option->len = get32(buf + 12);
	return 0;
}

int nbd_decode_name(const uint8_t *data, uint32_t len, struct nbd_string *name,
		    struct err *err)
{
	if (len > NBD_STRING_MAX)
		return err_set(err, EINVAL,
			       "string of %" PRIu32 " bytes, at most %u wanted",
			       len, NBD_STRING_MAX);
	if (len > 0 && memchr(data, 0, len))
		return err_set(err, EINVAL, "NUL inside a string");
	*name = (struct nbd_string){.text = (const char *)data, .len = len};
	return 0;
}

/*
 * A string behind its 32-bit length, tail bytes or more of other data after
 * it: moves *data and *len over both.
 */
static int take_string(const uint8_t **data, uint32_t *len, uint32_t tail,
		       struct nbd_string *string, struct err *err)
{
	uint32_t string_len;

	if (*len < 4 || *len - 4 < tail)
		return err_set(err, EINVAL,
			       "%" PRIu32 " bytes left of the option, "
			       "a string's length and %" PRIu32 " more wanted",
			       *len, tail);
	string_len = get32(*data);
	*data += 4;
	*len -= 4;
	if (string_len > *len - tail)
		return err_set(err, EINVAL,
			       "string of %" PRIu32 " bytes, the option has "
			       "room for %" PRIu32,
			       string_len, *len - tail);
	if (nbd_decode_name(*data, string_len, string, err) < 0)
		return -EINVAL;
	*data += string_len;
	*len -= string_len;
	return 0;
}

int nbd_decode_info_query(const uint8_t *data, uint32_t len,
			  struct nbd_info_query *query, struct err *err)
{
	if (take_string(&data, &len, 2, &query->name, err) < 0)
		return -EINVAL;
	query->nr_infos = get16(data);
	query->infos = data + 2;
	len -= 2;
	if (len != query->nr_infos * 2)
		return err_set(err, EINVAL,
			       "%" PRIu32 " information requests in %" PRIu32
			       " bytes, 2 bytes each wanted",
			       query->nr_infos, len);
	return 0;
}

bool nbd_info_query_has(const struct nbd_info_query *query,
			enum nbd_info_type info)
{
	for (uint32_t i = 0; i < query->nr_infos; i++) {
		if (get16(query->infos + 2 * i) == info)
			return true;
	}
	return false;
}

int nbd_decode_meta_query(const uint8_t *data, uint32_t len,
			  struct nbd_meta_query *query, struct err *err)
{
	struct nbd_string text;

	if (take_string(&data, &len, 4, &query->name, err) < 0)
		return -EINVAL;
	query->nr_queries = get32(data);
	query->next = data + 4;
	data += 4;
	len -= 4;
	/* each takes 4 bytes at least, so a wild count ends soon */
	for (uint32_t i = 0; i < query->nr_queries; i++) {
		if (take_string(&data, &len, 0, &text, err) < 0)
			return -EINVAL;
	}
	if (len != 0)
		return err_set(err, EINVAL,
			       "%" PRIu32 " bytes after the last of %" PRIu32
			       " queries, 0 wanted",
			       len, query->nr_queries);
	return 0;
}

bool nbd_meta_query_next(struct nbd_meta_query *query, struct nbd_string *text)
{
	if (query->nr_queries == 0)
		return false;
	query->nr_queries--;
	text->len = get32(query->next);
	text->text = (const char *)query->next + 4;
	query->next += 4 + text->len;
	return true;
}

size_t nbd_encode_option_reply(uint8_t *buf, uint32_t option, uint32_t reply,
			       uint32_t len)
{
	uint8_t *p = buf;

	p = put64(p, MAGIC_OPTION_REPLY);
	p = put32(p, option);
	p = put32(p, reply);
	p = put32(p, len);
	return p - buf;
}

size_t nbd_encode_export(uint8_t *buf, uint64_t size_bytes, uint16_t flags,
			 bool zeroes)
{
	uint8_t *p = buf;

	p = put64(p, size_bytes);
	p = put16(p, flags);
	if (zeroes) {
		memset(p, 0, 124);
		p += 124;
	}
	return p - buf;
}

size_t nbd_encode_info_export(uint8_t *buf, uint64_t size_bytes, uint16_t flags)
{
	uint8_t *p = buf;

	p = put16(p, NBD_INFO_EXPORT);
	p = put64(p, size_bytes);
	p = put16(p, flags);
	return p - buf;
}

size_t nbd_encode_info_block_size(uint8_t *buf, uint32_t minimum,
				  uint32_t preferred, uint32_t max_payload)
{
	uint8_t *p = buf;

	p = put16(p, NBD_INFO_BLOCK_SIZE);
	p = put32(p, minimum);
	p = put32(p, preferred);
	p = put32(p, max_payload);
	return p - buf;
}

size_t nbd_encode_info_string(uint8_t *buf, enum nbd_info_type type)
{
	return put16(buf, type) - buf;
}

size_t nbd_encode_u32(uint8_t *buf, uint32_t value)
{
	return put32(buf, value) - buf;
}

/* ---- Transmission phase ---- */

int nbd_decode_request(const uint8_t buf[NBD_REQUEST_LEN],
		       struct nbd_request *req, struct err *err)
{
	uint32_t magic = get32(buf);

	if (magic != MAGIC_REQUEST)
		return err_set(err, EBADMSG,
			       "request: magic 0x%08" PRIx32
			       ", wanted 0x%08" PRIx32,
			       magic, MAGIC_REQUEST);
	req->flags = get16(buf + 4);
	req->type = get16(buf + 6);
	req->cookie = get64(buf + 8);
	req->offset = get64(buf + 16);
	req->len = get32(buf + 24);
	return 0;
}

enum nbd_error nbd_error_from_errno(int negative_errno)
{
	switch (-negative_errno) {
	case 0:
		return NBD_OK;
	case EPERM:
	case EACCES:
	case EROFS:
		return NBD_EPERM;
	case ENOMEM:
		return NBD_ENOMEM;
	case EINVAL:
		return NBD_EINVAL;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return NBD_ENOSPC;
	case EOVERFLOW:
		return NBD_EOVERFLOW;
	case ENOTSUP:
		return NBD_ENOTSUP;
	case ESHUTDOWN:
		return NBD_ESHUTDOWN;
	default:
		return NBD_EIO;
	}
}

size_t nbd_encode_simple_reply(uint8_t *buf, uint64_t cookie,
			       enum nbd_error error)
{
	uint8_t *p = buf;

	p = put32(p, MAGIC_SIMPLE_REPLY);
	p = put32(p, error);
	p = put64(p, cookie);
	return p - buf;
}

static uint8_t *put_chunk(uint8_t *p, enum chunk_type type, uint64_t cookie,
			  uint32_t len)
{
	p = put32(p, MAGIC_CHUNK);
	p = put16(p, CHUNK_DONE);
	p = put16(p, type);
	p = put64(p, cookie);
	return put32(p, len);
}

size_t nbd_encode_chunk_none(uint8_t *buf, uint64_t cookie)
{
	return put_chunk(buf, CHUNK_NONE, cookie, 0) - buf;
}

size_t nbd_encode_chunk_data(uint8_t *buf, uint64_t cookie, uint64_t offset,
			     uint32_t len)
{
	uint8_t *p = put_chunk(buf, CHUNK_OFFSET_DATA, cookie, 8 + len);

	return put64(p, offset) - buf;
}

size_t nbd_encode_chunk_error(uint8_t *buf, uint64_t cookie,
			      enum nbd_error error, uint16_t len)
{
	uint8_t *p = put_chunk(buf, CHUNK_ERROR, cookie, 6 + len);

	p = put32(p, error);
	return put16(p, len) - buf;
}

size_t nbd_encode_chunk_status(uint8_t *buf, uint64_t cookie,
			       uint32_t context_id, uint32_t len)
{
	uint8_t *p = put_chunk(buf, CHUNK_BLOCK_STATUS, cookie, 4 + len);

	return put32(p, context_id) - buf;
}

size_t nbd_encode_extent(uint8_t *buf, uint32_t len, uint32_t state)
{
	uint8_t *p = put32(buf, len);

	return put32(p, state) - buf;
}
