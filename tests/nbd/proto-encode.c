/* SPDX-License-Identifier: MIT */
/* Each NBD message is encoded byte by byte as the protocol says. */
#include "proto/nbd.h"
#include "tests/check.h"

static uint8_t buf[NBD_EXPORT_REPLY_LEN + 1];

/* What was encoded is these bytes, and nothing was written behind them. */
static void check_bytes(size_t len, size_t want_len, const char *want)
{
	check_int(len, want_len);
	check(memcmp(buf, want, len) == 0);
	check_int(buf[len], 0xee);
	memset(buf, 0xee, sizeof(buf));
}

/* the text may hold NULs */
#define check_encoded(len, want) check_bytes(len, sizeof(want) - 1, want)

static void handshake(void)
{
	static const char zeroes[124];

	check_encoded(nbd_encode_greeting(buf, 3), "NBDMAGICIHAVEOPT\0\3");
	check_encoded(nbd_encode_option_reply(buf, NBD_OPT_GO,
					      NBD_REP_ERR_UNSUP, 258),
		      "\x00\x03\xe8\x89\x04\x55\x65\xa9"
		      "\0\0\0\7" "\x80\0\0\1" "\0\0\1\2");
	check_encoded(nbd_encode_export(buf, 0x0102030405060708, 0x090a, false),
		      "\1\2\3\4\5\6\7\x08\x09\x0a");
	check_int(nbd_encode_export(buf, 1, 2, true), 134);
	check(memcmp(buf, "\0\0\0\0\0\0\0\1\0\2", 10) == 0);
	check(memcmp(buf + 10, zeroes, sizeof(zeroes)) == 0);
	check_int(buf[134], 0xee);
	memset(buf, 0xee, sizeof(buf));
	check_encoded(nbd_encode_info_export(buf, 512, 0x0105),
		      "\0\0" "\0\0\0\0\0\0\2\0" "\1\5");
	check_encoded(nbd_encode_info_block_size(buf, 1, 4096, 32 << 20),
		      "\0\3" "\0\0\0\1" "\0\0\x10\0" "\2\0\0\0");
	check_encoded(nbd_encode_info_string(buf, NBD_INFO_DESCRIPTION),
		      "\0\2");
	check_encoded(nbd_encode_u32(buf, 0xdeadbeef), "\xde\xad\xbe\xef");
}

#define COOKIE UINT64_C(0x1122334455667788)
#define COOKIE_TEXT "\x11\x22\x33\x44\x55\x66\x77\x88"

static void transmission(void)
{
	check_encoded(nbd_encode_simple_reply(buf, COOKIE, NBD_ENOSPC),
		      "\x67\x44\x66\x98" "\0\0\0\x1c" COOKIE_TEXT);
	check_encoded(nbd_encode_chunk_none(buf, COOKIE),
		      "\x66\x8e\x33\xef" "\0\1" "\0\0" COOKIE_TEXT "\0\0\0\0");
	check_encoded(nbd_encode_chunk_data(buf, COOKIE, 0x200, 0x1000),
		      "\x66\x8e\x33\xef" "\0\1" "\0\1" COOKIE_TEXT
		      "\0\0\x10\x08" "\0\0\0\0\0\0\2\0");
	check_encoded(nbd_encode_chunk_error(buf, COOKIE, NBD_EOVERFLOW, 10),
		      "\x66\x8e\x33\xef" "\0\1" "\x80\1" COOKIE_TEXT
		      "\0\0\0\x10" "\0\0\0\x4b" "\0\x0a");
	check_encoded(nbd_encode_chunk_status(buf, COOKIE, 7, 16),
		      "\x66\x8e\x33\xef" "\0\1" "\0\5" COOKIE_TEXT
		      "\0\0\0\x14" "\0\0\0\7");
	check_encoded(nbd_encode_extent(buf, 0x10000, NBD_STATE_ZERO),
		      "\0\1\0\0" "\0\0\0\2");
}

int main(void)
{
	memset(buf, 0xee, sizeof(buf));
	handshake();
	transmission();
	return 0;
}
