/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the decoders of proto/nbd.h. The first byte of the input
 * chooses one, the rest is its message. What comes out has to lie inside of
 * the message, keep the protocol's bounds, and say why when refused.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "proto/nbd.h"

static void inside(const struct nbd_string *s, const uint8_t *data, size_t size)
{
	const uint8_t *text = (const uint8_t *)s->text;

	FUZZ_CHECK(s->len <= NBD_STRING_MAX);
	if (s->len == 0)
		return;
	FUZZ_CHECK(text >= data && text + s->len <= data + size);
	FUZZ_CHECK(!memchr(text, 0, s->len));
}

static int decode_info_query(const uint8_t *data, size_t size, struct err *err)
{
	struct nbd_info_query q;
	int ret = nbd_decode_info_query(data, size, &q, err);

	if (ret < 0)
		return ret;
	inside(&q.name, data, size);
	FUZZ_CHECK(q.infos + 2 * (size_t)q.nr_infos == data + size);
	nbd_info_query_has(&q, NBD_INFO_BLOCK_SIZE);
	return 0;
}

static int decode_meta_query(const uint8_t *data, size_t size, struct err *err)
{
	struct nbd_meta_query q;
	struct nbd_string text;
	uint32_t count;
	int ret = nbd_decode_meta_query(data, size, &q, err);

	if (ret < 0)
		return ret;
	inside(&q.name, data, size);
	for (count = q.nr_queries; nbd_meta_query_next(&q, &text); count--)
		inside(&text, data, size);
	FUZZ_CHECK(count == 0 && q.next == data + size);
	return 0;
}

static int decode_name(const uint8_t *data, size_t size, struct err *err)
{
	struct nbd_string name;
	int ret = nbd_decode_name(data, size, &name, err);

	if (ret == 0) {
		FUZZ_CHECK(name.len == size);
		inside(&name, data, size);
	}
	return ret;
}

/* The messages of fixed length: 0 when there is too little for one. */
static int decode_fixed(uint8_t which, const uint8_t *data, size_t size,
			struct err *err)
{
	struct nbd_request req;
	struct nbd_option option;
	uint32_t flags;
	int ret = 0;

	if (which == 3 && size >= NBD_CLIENT_FLAGS_LEN) {
		ret = nbd_decode_client_flags(data, 3, &flags, err);
		FUZZ_CHECK(ret < 0 || flags <= 3);
	} else if (which == 4 && size >= NBD_OPTION_LEN) {
		ret = nbd_decode_option(data, &option, err);
	} else if (which == 5 && size >= NBD_REQUEST_LEN) {
		ret = nbd_decode_request(data, &req, err);
	}
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct err err = ERR_INIT;
	uint8_t *data;
	int ret;

	if (size-- == 0)
		return 0;
	/* of exactly this size, so that the next byte is out of bounds */
	data = malloc(size);
	memcpy(data, input + 1, size);
	if (input[0] == 0)
		ret = decode_info_query(data, size, &err);
	else if (input[0] == 1)
		ret = decode_meta_query(data, size, &err);
	else if (input[0] == 2)
		ret = decode_name(data, size, &err);
	else
		ret = decode_fixed(input[0], data, size, &err);
	FUZZ_CHECK(ret == 0 || (ret < 0 && err.text[0]));
	free(data);
	return 0;
}
