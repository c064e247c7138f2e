/* SPDX-License-Identifier: MIT */
/*
 * NBD on the wire: constants, and encode / decode of every message that a
 * server sends or receives. Section names in comments are those of the NBD
 * protocol, doc/proto.md.
 *
 * Decoders get exactly the bytes of one message and check every length and
 * magic in it; what they return points into the caller's bytes. Encoders
 * write into a buffer of the size their comment names and return the bytes
 * written. What a message means (does the export exist, is the range inside
 * it) is the server's business.
 *
 * Errors: -EINVAL or -EBADMSG with text. Threads: any; pure functions.
 */
#ifndef PROTO_NBD_H
#define PROTO_NBD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

/* Conventions: longest string; Size constraints: payload always taken */
#define NBD_STRING_MAX 4096u
#define NBD_PAYLOAD_MAX (32u << 20)

/* ---- Handshake phase ---- */

#define NBD_GREETING_LEN 18
#define NBD_CLIENT_FLAGS_LEN 4
#define NBD_OPTION_LEN 16
#define NBD_OPTION_REPLY_LEN 20
#define NBD_EXPORT_REPLY_LEN 134 /* with the zeroes */

/* Handshake flags, Client flags: the same bits both ways */
#define NBD_FLAG_FIXED_NEWSTYLE (1u << 0)
#define NBD_FLAG_NO_ZEROES (1u << 1)

/* Transmission flags */
#define NBD_FLAG_HAS_FLAGS (1u << 0)
#define NBD_FLAG_READ_ONLY (1u << 1)
#define NBD_FLAG_SEND_FLUSH (1u << 2)
#define NBD_FLAG_SEND_FUA (1u << 3)
#define NBD_FLAG_SEND_TRIM (1u << 5)
#define NBD_FLAG_SEND_WRITE_ZEROES (1u << 6)
#define NBD_FLAG_SEND_DF (1u << 7)
#define NBD_FLAG_CAN_MULTI_CONN (1u << 8)
#define NBD_FLAG_SEND_CACHE (1u << 10)
#define NBD_FLAG_SEND_FAST_ZERO (1u << 11)

enum nbd_option_type {
	NBD_OPT_EXPORT_NAME = 1,
	NBD_OPT_ABORT = 2,
	NBD_OPT_LIST = 3,
	NBD_OPT_STARTTLS = 5,
	NBD_OPT_INFO = 6,
	NBD_OPT_GO = 7,
	NBD_OPT_STRUCTURED_REPLY = 8,
	NBD_OPT_LIST_META_CONTEXT = 9,
	NBD_OPT_SET_META_CONTEXT = 10,
	NBD_OPT_EXTENDED_HEADERS = 11,
};

#define NBD_REP_ACK 1u
#define NBD_REP_SERVER 2u
#define NBD_REP_INFO 3u
#define NBD_REP_META_CONTEXT 4u
#define NBD_REP_ERR(n) ((1u << 31) + (n))
#define NBD_REP_ERR_UNSUP NBD_REP_ERR(1)
#define NBD_REP_ERR_POLICY NBD_REP_ERR(2)
#define NBD_REP_ERR_INVALID NBD_REP_ERR(3)
#define NBD_REP_ERR_UNKNOWN NBD_REP_ERR(6)
#define NBD_REP_ERR_SHUTDOWN NBD_REP_ERR(7)
#define NBD_REP_ERR_TOO_BIG NBD_REP_ERR(9)

enum nbd_info_type {
	NBD_INFO_EXPORT = 0,
	NBD_INFO_NAME = 1,
	NBD_INFO_DESCRIPTION = 2,
	NBD_INFO_BLOCK_SIZE = 3,
};

struct nbd_string {
	const char *text; /* not terminated */
	uint32_t len;	  /* bytes, <= NBD_STRING_MAX */
};

struct nbd_option {
	uint32_t type; /* enum nbd_option_type, or unknown */
	uint32_t len;  /* bytes of data that follow: a claim, unbounded */
};

/* NBD_OPT_INFO, NBD_OPT_GO */
struct nbd_info_query {
	struct nbd_string name;
	const uint8_t *infos; /* big-endian, 16 bits each */
	uint32_t nr_infos;
};

/* NBD_OPT_LIST_META_CONTEXT, NBD_OPT_SET_META_CONTEXT */
struct nbd_meta_query {
	struct nbd_string name;
	const uint8_t *next; /* of nbd_meta_query_next() */
	uint32_t nr_queries; /* left */
};

/* buf: NBD_GREETING_LEN */
size_t nbd_encode_greeting(uint8_t *buf, uint16_t handshake_flags);

/* -EINVAL: a flag that is not in allowed */
int nbd_decode_client_flags(const uint8_t buf[NBD_CLIENT_FLAGS_LEN],
			    uint32_t allowed, uint32_t *flags, struct err *err);

/* -EBADMSG: wrong magic, the stream is lost */
int nbd_decode_option(const uint8_t buf[NBD_OPTION_LEN],
		      struct nbd_option *option, struct err *err);

/* A name that is an option's whole data. -EINVAL: not a string */
int nbd_decode_name(const uint8_t *data, uint32_t len, struct nbd_string *name,
		    struct err *err);

/* -EINVAL: lengths that contradict each other; a name that is no string */
int nbd_decode_info_query(const uint8_t *data, uint32_t len,
			  struct nbd_info_query *query, struct err *err);
bool nbd_info_query_has(const struct nbd_info_query *query,
			enum nbd_info_type info);

/* As above; the queries are all checked before any is handed out. */
int nbd_decode_meta_query(const uint8_t *data, uint32_t len,
			  struct nbd_meta_query *query, struct err *err);

/* The next query string; false when there is no more. */
bool nbd_meta_query_next(struct nbd_meta_query *query, struct nbd_string *text);

/* buf: NBD_OPTION_REPLY_LEN; len is that of the data that will follow */
size_t nbd_encode_option_reply(uint8_t *buf, uint32_t option, uint32_t reply,
			       uint32_t len);

/* The answer to NBD_OPT_EXPORT_NAME. buf: NBD_EXPORT_REPLY_LEN */
size_t nbd_encode_export(uint8_t *buf, uint64_t size_bytes, uint16_t flags,
			 bool zeroes);

/* NBD_REP_INFO data. buf: 12, 14, 2 (then the string follows) */
#define NBD_INFO_LEN_MAX 14
size_t nbd_encode_info_export(uint8_t *buf, uint64_t size_bytes,
			      uint16_t flags);
size_t nbd_encode_info_block_size(uint8_t *buf, uint32_t minimum,
				  uint32_t preferred, uint32_t max_payload);
size_t nbd_encode_info_string(uint8_t *buf, enum nbd_info_type type);

/* NBD_REP_SERVER, NBD_REP_META_CONTEXT: what comes before the string. buf: 4 */
size_t nbd_encode_u32(uint8_t *buf, uint32_t value);

/* ---- Transmission phase ---- */

#define NBD_REQUEST_LEN 28
#define NBD_SIMPLE_REPLY_LEN 16
#define NBD_CHUNK_LEN 20
#define NBD_CHUNK_DATA_LEN (NBD_CHUNK_LEN + 8)
#define NBD_CHUNK_ERROR_LEN (NBD_CHUNK_LEN + 6)
#define NBD_CHUNK_STATUS_LEN (NBD_CHUNK_LEN + 4)
#define NBD_REPLY_LEN_MAX NBD_CHUNK_DATA_LEN /* of the four above */
#define NBD_EXTENT_LEN 8

enum nbd_command {
	NBD_CMD_READ = 0,
	NBD_CMD_WRITE = 1,
	NBD_CMD_DISC = 2,
	NBD_CMD_FLUSH = 3,
	NBD_CMD_TRIM = 4,
	NBD_CMD_CACHE = 5,
	NBD_CMD_WRITE_ZEROES = 6,
	NBD_CMD_BLOCK_STATUS = 7,
};

#define NBD_CMD_FLAG_FUA (1u << 0)
#define NBD_CMD_FLAG_NO_HOLE (1u << 1)
#define NBD_CMD_FLAG_DF (1u << 2)
#define NBD_CMD_FLAG_REQ_ONE (1u << 3)
#define NBD_CMD_FLAG_FAST_ZERO (1u << 4)

#define NBD_STATE_HOLE (1u << 0)
#define NBD_STATE_ZERO (1u << 1)

/* Error values */
enum nbd_error {
	NBD_OK = 0,
	NBD_EPERM = 1,
	NBD_EIO = 5,
	NBD_ENOMEM = 12,
	NBD_EINVAL = 22,
	NBD_ENOSPC = 28,
	NBD_EOVERFLOW = 75,
	NBD_ENOTSUP = 95,
	NBD_ESHUTDOWN = 108,
};

struct nbd_request {
	uint16_t flags; /* NBD_CMD_FLAG_*, or unknown */
	uint16_t type;	/* enum nbd_command, or unknown */
	uint64_t cookie;
	uint64_t offset;
	uint32_t len; /* bytes; as claimed */
};

/* -EBADMSG: wrong magic, the stream is lost */
int nbd_decode_request(const uint8_t buf[NBD_REQUEST_LEN],
		       struct nbd_request *req, struct err *err);

/* The error value for a negative errno, or for 0. */
enum nbd_error nbd_error_from_errno(int negative_errno);

/* buf: NBD_SIMPLE_REPLY_LEN; a read's data follows */
size_t nbd_encode_simple_reply(uint8_t *buf, uint64_t cookie,
			       enum nbd_error error);

/*
 * Structured chunks, all final (NBD_REPLY_FLAG_DONE). buf: the length that
 * is named; len bytes of data, message or extents follow.
 */
size_t nbd_encode_chunk_none(uint8_t *buf, uint64_t cookie);
size_t nbd_encode_chunk_data(uint8_t *buf, uint64_t cookie, uint64_t offset,
			     uint32_t len);
size_t nbd_encode_chunk_error(uint8_t *buf, uint64_t cookie,
			      enum nbd_error error, uint16_t len);
size_t nbd_encode_chunk_status(uint8_t *buf, uint64_t cookie,
			       uint32_t context_id, uint32_t len);

/* buf: NBD_EXTENT_LEN */
size_t nbd_encode_extent(uint8_t *buf, uint32_t len, uint32_t state);

#endif
