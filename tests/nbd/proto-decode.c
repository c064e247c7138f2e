/* SPDX-License-Identifier: MIT */
/* NBD messages are decoded; each wrong magic, flag or length is refused. */
#include <errno.h>

#include "proto/nbd.h"
#include "tests/check.h"

static struct err err;

static const uint8_t *bytes(const char *text)
{
	return (const uint8_t *)text;
}

static void client_flags(void)
{
	uint32_t flags;

	check_int(nbd_decode_client_flags(bytes("\0\0\0\3"), 3, &flags, &err),
		  0);
	check_int(flags, 3);
	check_int(nbd_decode_client_flags(bytes("\0\0\0\4"), 3, &flags, &err),
		  -EINVAL);
	check_contains(err.text, "0x4");
	check_int(nbd_decode_client_flags(bytes("\x80\0\0\0"), 3, &flags, NULL),
		  -EINVAL);
}

static void option(void)
{
	struct nbd_option o;

	check_int(nbd_decode_option(bytes("IHAVEOPT\0\0\0\7\x80\0\0\1"), &o,
				    &err),
		  0);
	check_int(o.type, NBD_OPT_GO);
	check_int(o.len, 0x80000001);
	check_int(nbd_decode_option(bytes("IHAVEOPS\0\0\0\7\0\0\0\0"), &o,
				    &err),
		  -EBADMSG);
	check_contains(err.text, "IHAVEOPT");
}

static void name(void)
{
	static char longest[NBD_STRING_MAX + 1];
	struct nbd_string s;

	memset(longest, 'x', sizeof(longest));
	check_int(nbd_decode_name(NULL, 0, &s, &err), 0);
	check_int(s.len, 0);
	check_int(nbd_decode_name(bytes(longest), NBD_STRING_MAX, &s, &err), 0);
	check(s.text == longest && s.len == NBD_STRING_MAX);
	check_int(nbd_decode_name(bytes(longest), NBD_STRING_MAX + 1, &s, &err),
		  -EINVAL);
	check_contains(err.text, "4097");
	check_int(nbd_decode_name(bytes("a\0b"), 3, &s, &err), -EINVAL);
}

static void info_query(void)
{
	const uint8_t *data = bytes("\0\0\0\4disk\0\3\0\1\0\3\x12\x34");
	struct nbd_info_query q;

	check_int(nbd_decode_info_query(data, 16, &q, &err), 0);
	check_int(q.name.len, 4);
	check(memcmp(q.name.text, "disk", 4) == 0);
	check(nbd_info_query_has(&q, NBD_INFO_NAME));
	check(nbd_info_query_has(&q, NBD_INFO_BLOCK_SIZE));
	check(!nbd_info_query_has(&q, NBD_INFO_DESCRIPTION));
	for (uint32_t len = 0; len < 16; len++)
		check_int(nbd_decode_info_query(data, len, &q, &err), -EINVAL);
	/* 18 bytes with the literal's NUL: two too many */
	check_int(nbd_decode_info_query(bytes("\0\0\0\0\0\0\0"), 8, &q, &err),
		  -EINVAL);
	/* a name that would leave no room for the count, or wraps around */
	check_int(nbd_decode_info_query(bytes("\0\0\0\1ab"), 6, &q, &err),
		  -EINVAL);
	check_int(nbd_decode_info_query(bytes("\xff\xff\xff\xff\0\0"), 6, &q,
					&err),
		  -EINVAL);
	check_contains(err.text, "4294967295");
}

static void meta_query(void)
{
	const uint8_t *data = bytes("\0\0\0\1d\0\0\0\3"
				    "\0\0\0\5base:"
				    "\0\0\0\0"
				    "\0\0\0\3x:y");
	const char *want[] = {"base:", "", "x:y"};
	struct nbd_meta_query q;
	struct nbd_string s;

	check_int(nbd_decode_meta_query(data, 29, &q, &err), 0);
	check_int(q.name.len, 1);
	for (int i = 0; i < 3; i++) {
		check(nbd_meta_query_next(&q, &s));
		check_int(s.len, strlen(want[i]));
		check(memcmp(s.text, want[i], s.len) == 0);
	}
	check(!nbd_meta_query_next(&q, &s));
	for (uint32_t len = 0; len < 29; len++)
		check_int(nbd_decode_meta_query(data, len, &q, &err), -EINVAL);
	check_int(nbd_decode_meta_query(data, 30, &q, &err), -EINVAL);
	/* four billion queries in no bytes */
	check_int(nbd_decode_meta_query(bytes("\0\0\0\0\xff\xff\xff\xff"), 8,
					&q, &err),
		  -EINVAL);
}

static void request(void)
{
	static const char text[] = "\x25\x60\x95\x13\0\5\0\6"
				   "\x80\0\0\0\0\0\0\1"
				   "\1\2\3\4\5\6\7\x08"
				   "\xff\xff\xff\xfe";
	struct nbd_request r;
	uint8_t bad[NBD_REQUEST_LEN];

	check_int(nbd_decode_request(bytes(text), &r, &err), 0);
	check_int(r.flags, NBD_CMD_FLAG_FUA | NBD_CMD_FLAG_DF);
	check_int(r.type, NBD_CMD_WRITE_ZEROES);
	check(r.cookie == UINT64_C(0x8000000000000001));
	check(r.offset == UINT64_C(0x0102030405060708));
	check_int(r.len, 0xfffffffe);
	for (int i = 0; i < 32; i++) {
		memcpy(bad, text, sizeof(bad));
		bad[i / 8] ^= 1 << (i % 8);
		check_int(nbd_decode_request(bad, &r, &err), -EBADMSG);
	}
	check_contains(err.text, "magic");
}

int main(void)
{
	client_flags();
	option();
	name();
	info_query();
	meta_query();
	request();
	return 0;
}
