/* SPDX-License-Identifier: MIT */
/*
 * Handshake (Fixed newstyle negotiation): greeting, client flags, options
 * until one leads to the transmission phase. The client's coroutine runs it
 * straight through; replies gather in a small buffer that is sent before
 * more is received.
 *
 * Failure modes. An option that is unknown, too long or malformed gets an
 * error reply with text, its data is skipped, and negotiation goes on. Only
 * what can't be answered ends the connection: wrong magics, unknown client
 * flags, NBD_OPT_EXPORT_NAME without such an export, data beyond
 * OPTION_SKIP_MAX. Dawdling is ended by the timer in client.c.
 *
 * Threads: the worker's loop.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "export/nbd/nbd_int.h"

/* The longest option data that is understood: a name and many queries. */
#define OPTION_DATA_MAX (16u << 10)

_Static_assert(OPTION_DATA_MAX <= NBD_INPUT_BYTES,
	       "option data is received in one piece");

/* Longer option data is taken for an attack. */
#define OPTION_SKIP_MAX (1u << 20)

#define PREFERRED_BLOCK_MIN 4096u

static const char context_name[] = "base:allocation";

enum step {
	STEP_NEXT, /* on to the next option */
	STEP_GO,   /* on to the transmission phase */
	STEP_END,  /* the connection has no future */
};

struct handshake {
	struct nbd_client *c;
	struct nbd_option option; /* being answered */
	size_t out_len;
	uint8_t out[1024]; /* to be sent */
};

/* ---- output ---- */

static bool co_send(struct nbd_client *c, const uint8_t *data, size_t len)
{
	while (len > 0 && !c->dead) {
		ssize_t n = send(c->io.fd, data, len,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			data += n;
			len -= n;
		} else if (errno == EAGAIN) {
			nbd_co_wait(c, NBD_WAIT_OUTPUT);
		} else if (errno != EINTR) {
			nbd_client_log(c, "send: %s", strerrordesc_np(errno));
			nbd_client_kill(c);
		}
	}
	return !c->dead;
}

static bool co_flush_out(struct handshake *hs)
{
	size_t len = hs->out_len;

	hs->out_len = 0;
	return co_send(hs->c, hs->out, len);
}

/* After a failure to send the client is dead: no need to return it. */
static void co_put(struct handshake *hs, const void *data, size_t len)
{
	while (len > 0) {
		size_t part = MIN(len, sizeof(hs->out) - hs->out_len);

		memcpy(hs->out + hs->out_len, data, part);
		hs->out_len += part;
		data = (const char *)data + part;
		len -= part;
		if (hs->out_len == sizeof(hs->out))
			co_flush_out(hs);
	}
}

/* A reply's header; len bytes of data are to be put next. */
static void co_put_reply(struct handshake *hs, uint32_t reply, uint32_t len)
{
	uint8_t buf[NBD_OPTION_REPLY_LEN];

	co_put(hs, buf,
	       nbd_encode_option_reply(buf, hs->option.type, reply, len));
}

static enum step co_ack(struct handshake *hs)
{
	co_put_reply(hs, NBD_REP_ACK, 0);
	return STEP_NEXT;
}

static enum step co_refuse(struct handshake *hs, uint32_t reply,
			   const char *text)
{
	nbd_client_log(hs->c, "option %u refused: %s", hs->option.type, text);
	co_put_reply(hs, reply, strlen(text));
	co_put(hs, text, strlen(text));
	return STEP_NEXT;
}

/* ---- exports ---- */

static enum step co_refuse_export(struct handshake *hs,
				  const struct nbd_string *name)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "no export is named \"%.*s\"",
			   (int)MIN(name->len, 80u), name->text);

	/* what a client sends gets into the log: no control characters */
	for (int i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	if (name->len == 0)
		return co_refuse(hs, NBD_REP_ERR_UNKNOWN,
				 "there is no default export");
	return co_refuse(hs, NBD_REP_ERR_UNKNOWN, text);
}

static uint16_t flags_of(const struct nbd_client *c,
			 const struct nbd_export *export)
{
	return export->flags | (c->structured ? NBD_FLAG_SEND_DF : 0);
}

/* What is told now holds for the whole transmission phase. */
static void choose(struct nbd_client *c, struct nbd_export *export)
{
	c->export = export;
	c->size_bytes = node_size(export->node);
	c->flags = flags_of(c, export);
	nbd_client_log(c, "uses export \"%s\"", export->name);
}

static enum step co_export_name(struct handshake *hs, const uint8_t *data)
{
	struct nbd_client *c = hs->c;
	struct nbd_export *export;
	struct nbd_string name;
	struct err err = ERR_INIT;
	uint8_t buf[NBD_EXPORT_REPLY_LEN];

	if (nbd_decode_name(data, hs->option.len, &name, &err) < 0) {
		nbd_client_log(c, "export name: %s: cut", err.text);
		return STEP_END;
	}
	export = nbd_export_find(c->server, &name);
	if (!export || c->worker->stopping) {
		nbd_client_log(c, "asks for an export that there is not: cut");
		return STEP_END;
	}
	choose(c, export);
	co_put(hs, buf,
	       nbd_encode_export(buf, c->size_bytes, c->flags, !c->no_zeroes));
	return STEP_GO;
}

static enum step co_abort(struct handshake *hs, const uint8_t *data)
{
	nbd_client_log(hs->c, "aborts the handshake");
	co_ack(hs);
	return STEP_END;
}

static enum step co_list(struct handshake *hs, const uint8_t *data)
{
	if (hs->option.len > 0)
		return co_refuse(hs, NBD_REP_ERR_INVALID,
				 "NBD_OPT_LIST takes no data");
	list_for_each(node, &hs->c->server->exports) {
		const struct nbd_export *export =
			list_entry(node, struct nbd_export, link);
		uint32_t name_len = strlen(export->name);
		uint32_t text_len = strlen(export->description);
		uint8_t buf[4];

		co_put_reply(hs, NBD_REP_SERVER, 4 + name_len + text_len);
		co_put(hs, buf, nbd_encode_u32(buf, name_len));
		co_put(hs, export->name, name_len);
		co_put(hs, export->description, text_len);
	}
	return co_ack(hs);
}

/* ---- information ---- */

static uint32_t preferred_block(const struct nbd_export *export)
{
	uint32_t want = node_limits(export->node)->optimal_io_size;
	uint32_t block = PREFERRED_BLOCK_MIN;

	/* has to be a power of two */
	while (block < want && block < NBD_PAYLOAD_MAX)
		block *= 2;
	return block;
}

static void co_put_info_string(struct handshake *hs, enum nbd_info_type type,
			       const char *text)
{
	uint8_t buf[NBD_INFO_LEN_MAX];
	size_t len = nbd_encode_info_string(buf, type);

	co_put_reply(hs, NBD_REP_INFO, len + strlen(text));
	co_put(hs, buf, len);
	co_put(hs, text, strlen(text));
}

static void co_put_infos(struct handshake *hs,
			 const struct nbd_info_query *query,
			 const struct nbd_export *export)
{
	uint8_t buf[NBD_INFO_LEN_MAX];
	size_t len = nbd_encode_info_export(buf, node_size(export->node),
					    flags_of(hs->c, export));

	co_put_reply(hs, NBD_REP_INFO, len);
	co_put(hs, buf, len);
	if (nbd_info_query_has(query, NBD_INFO_NAME))
		co_put_info_string(hs, NBD_INFO_NAME, export->name);
	if (nbd_info_query_has(query, NBD_INFO_DESCRIPTION) &&
	    export->description[0])
		co_put_info_string(hs, NBD_INFO_DESCRIPTION,
				   export->description);
	if (nbd_info_query_has(query, NBD_INFO_BLOCK_SIZE)) {
		/* the node takes any alignment: the minimum is 1 */
		len = nbd_encode_info_block_size(
			buf, 1, preferred_block(export), NBD_PAYLOAD_MAX);
		co_put_reply(hs, NBD_REP_INFO, len);
		co_put(hs, buf, len);
	}
}

static enum step co_info(struct handshake *hs, const uint8_t *data)
{
	struct nbd_info_query query;
	struct nbd_export *export;
	struct err err = ERR_INIT;

	if (nbd_decode_info_query(data, hs->option.len, &query, &err) < 0)
		return co_refuse(hs, NBD_REP_ERR_INVALID, err.text);
	export = nbd_export_find(hs->c->server, &query.name);
	if (!export)
		return co_refuse_export(hs, &query.name);
	if (hs->option.type == NBD_OPT_GO)
		choose(hs->c, export);
	co_put_infos(hs, &query, export);
	co_ack(hs);
	return hs->option.type == NBD_OPT_GO ? STEP_GO : STEP_NEXT;
}

static enum step co_structured_reply(struct handshake *hs, const uint8_t *data)
{
	if (hs->option.len > 0)
		return co_refuse(hs, NBD_REP_ERR_INVALID,
				 "NBD_OPT_STRUCTURED_REPLY takes no data");
	hs->c->structured = true;
	return co_ack(hs);
}

/* ---- metadata contexts ---- */

static bool string_is(const struct nbd_string *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->text, text, s->len) == 0;
}

/* Does any query ask for the one context that there is? */
static bool wants_context(struct nbd_meta_query query, bool listing)
{
	struct nbd_string text;

	if (listing && query.nr_queries == 0)
		return true;
	while (nbd_meta_query_next(&query, &text)) {
		if (string_is(&text, context_name) ||
		    (listing && string_is(&text, "base:")))
			return true;
	}
	return false;
}

static enum step co_meta_context(struct handshake *hs, const uint8_t *data)
{
	bool listing = hs->option.type == NBD_OPT_LIST_META_CONTEXT;
	struct nbd_meta_query query;
	struct nbd_export *export;
	struct err err = ERR_INIT;
	uint8_t buf[4];

	if (!listing)
		hs->c->meta_export = NULL; /* also when it fails now */
	if (!hs->c->structured)
		return co_refuse(hs, NBD_REP_ERR_INVALID,
				 "metadata contexts need structured replies");
	if (nbd_decode_meta_query(data, hs->option.len, &query, &err) < 0)
		return co_refuse(hs, NBD_REP_ERR_INVALID, err.text);
	export = nbd_export_find(hs->c->server, &query.name);
	if (!export)
		return co_refuse_export(hs, &query.name);
	if (wants_context(query, listing)) {
		if (!listing)
			hs->c->meta_export = export;
		co_put_reply(hs, NBD_REP_META_CONTEXT,
			     sizeof(buf) + strlen(context_name));
		co_put(hs, buf,
		       nbd_encode_u32(buf,
				      listing ? 0 : NBD_CONTEXT_ALLOCATION));
		co_put(hs, context_name, strlen(context_name));
	}
	return co_ack(hs);
}

/* ---- options ---- */

static enum step co_starttls(struct handshake *hs, const uint8_t *data)
{
	return co_refuse(hs, NBD_REP_ERR_UNSUP, "this server has no TLS");
}

typedef enum step option_fn(struct handshake *hs, const uint8_t *data);

static option_fn *const options[] = {
	[NBD_OPT_EXPORT_NAME] = co_export_name,
	[NBD_OPT_ABORT] = co_abort,
	[NBD_OPT_LIST] = co_list,
	[NBD_OPT_STARTTLS] = co_starttls,
	[NBD_OPT_INFO] = co_info,
	[NBD_OPT_GO] = co_info,
	[NBD_OPT_STRUCTURED_REPLY] = co_structured_reply,
	[NBD_OPT_LIST_META_CONTEXT] = co_meta_context,
	[NBD_OPT_SET_META_CONTEXT] = co_meta_context,
};

static option_fn *handler_of(uint32_t type)
{
	return type < ARRAY_SIZE(options) ? options[type] : NULL;
}

/* Data that is not wanted: skip it and say why. */
static enum step co_skip_option(struct handshake *hs, uint32_t reply,
				const char *text)
{
	if (hs->option.len > OPTION_SKIP_MAX) {
		nbd_client_log(hs->c, "option %u with %u bytes of data: cut",
			       hs->option.type, hs->option.len);
		return STEP_END;
	}
	if (!nbd_co_skip(hs->c, hs->option.len))
		return STEP_END;
	return co_refuse(hs, reply, text);
}

static enum step co_option(struct handshake *hs)
{
	const struct nbd_option *option = &hs->option;
	option_fn *handler = handler_of(option->type);
	const uint8_t *data;

	if (!handler)
		return co_skip_option(hs, NBD_REP_ERR_UNSUP, "unknown option");
	if (option->type == NBD_OPT_ABORT)
		return co_abort(hs, NULL);
	if (option->len > OPTION_DATA_MAX)
		return option->type == NBD_OPT_EXPORT_NAME
			       ? STEP_END
			       : co_skip_option(hs, NBD_REP_ERR_TOO_BIG,
						"option data is too long");
	if (!nbd_co_take(hs->c, option->len, &data))
		return STEP_END;
	if (hs->c->worker->stopping && option->type != NBD_OPT_EXPORT_NAME)
		return co_refuse(hs, NBD_REP_ERR_SHUTDOWN,
				 "the server is shutting down");
	return handler(hs, data);
}

static enum step co_next_option(struct handshake *hs)
{
	struct err err = ERR_INIT;
	const uint8_t *data;

	if (!nbd_co_take(hs->c, NBD_OPTION_LEN, &data))
		return STEP_END;
	if (nbd_decode_option(data, &hs->option, &err) < 0) {
		nbd_client_log(hs->c, "%s: cut", err.text);
		return STEP_END;
	}
	return co_option(hs);
}

static bool co_exchange_flags(struct handshake *hs)
{
	const uint16_t flags = NBD_FLAG_FIXED_NEWSTYLE | NBD_FLAG_NO_ZEROES;
	uint8_t buf[NBD_GREETING_LEN];
	struct err err = ERR_INIT;
	uint32_t client_flags;
	const uint8_t *data;

	co_put(hs, buf, nbd_encode_greeting(buf, flags));
	if (!co_flush_out(hs) ||
	    !nbd_co_take(hs->c, NBD_CLIENT_FLAGS_LEN, &data))
		return false;
	if (nbd_decode_client_flags(data, flags, &client_flags, &err) < 0) {
		nbd_client_log(hs->c, "%s: cut", err.text);
		return false;
	}
	hs->c->no_zeroes = client_flags & NBD_FLAG_NO_ZEROES;
	return true;
}

bool nbd_co_handshake(struct nbd_client *c)
{
	struct handshake hs = {.c = c};
	enum step step = STEP_NEXT;

	if (!co_exchange_flags(&hs))
		return false;
	while (step == STEP_NEXT) {
		step = co_next_option(&hs);
		/* what was said before an end is still to be heard */
		if (!co_flush_out(&hs))
			return false;
	}
	return step == STEP_GO;
}
