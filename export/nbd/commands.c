/* SPDX-License-Identifier: MIT */
/*
 * The commands: what each allows and what it does on the node. nbd_check()
 * refuses a request before any of its payload is stored (Request types,
 * Error values); the rest is the request's own coroutine.
 *
 * Failure modes: the node's errors go to the client as they are, see
 * nbd_error_from_errno(), and to the log. Threads: the worker's loop.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/nbd/nbd_int.h"
#include "util/clock.h"

/* A cache request reads by pieces of so many bytes. */
#define CACHE_PIECE_BYTES (256u << 10)

/* Zeroes and trims go by aligned pieces of so many bytes. */
#define LONG_PIECE_BYTES (UINT64_C(32) << 20)

/* The longest block status reply, in extents. */
#define EXTENTS_MAX 2048

/* Failures of devices are told in the log once in so long. */
#define FAILURE_PERIOD_NS NS_PER_SEC

struct command {
	const char *name; /* for messages */
	uint16_t flags;	  /* NBD_CMD_FLAG_* that it takes, besides FUA */
	uint16_t offered; /* NBD_FLAG_* that has to be */
	bool writes;
	enum nbd_error beyond; /* for a range beyond the size */
	uint32_t len_max;
	int (*co_run)(struct nbd_job *job); /* 0 or -errno */
};

static struct node *node_of(const struct nbd_job *job)
{
	return job->client->export->node;
}

static unsigned fua_of(const struct nbd_job *job)
{
	return job->req.flags & NBD_CMD_FLAG_FUA ? NODE_REQ_FUA : 0;
}

static int co_read(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;
	int ret =
		node_co_pread(node_of(job), req->offset, job->buf, req->len, 0);

	if (ret < 0)
		return ret;
	job->data = job->buf;
	job->data_len = req->len;
	return 0;
}

static int co_write(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;

	return node_co_pwrite(node_of(job), req->offset, job->buf, req->len,
			      fua_of(job));
}

/* Long work in pieces: it ends soon once nobody waits for it any more. */
static int co_in_pieces(struct nbd_job *job,
			int (*co_piece)(struct node *node, uint64_t offset,
					uint64_t bytes, unsigned flags),
			unsigned flags)
{
	uint64_t offset = job->req.offset, end = offset + job->req.len;
	int ret = 0;

	while (ret == 0 && offset < end) {
		uint64_t bytes = MIN(end - offset,
				     LONG_PIECE_BYTES -
					     offset % LONG_PIECE_BYTES);

		if (!nbd_client_is_there(job->client))
			return -ECANCELED;
		ret = co_piece(node_of(job), offset, bytes, flags);
		offset += bytes;
	}
	return ret;
}

static int co_write_zeroes(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;
	unsigned flags = fua_of(job);

	if (!(req->flags & NBD_CMD_FLAG_NO_HOLE))
		flags |= NODE_REQ_MAY_UNMAP;
	if (req->flags & NBD_CMD_FLAG_FAST_ZERO)
		flags |= NODE_REQ_NO_FALLBACK;
	return co_in_pieces(job, node_co_write_zeroes, flags);
}

static int co_discard_piece(struct node *node, uint64_t offset, uint64_t bytes,
			    unsigned flags)
{
	return node_co_discard(node, offset, bytes);
}

static int co_trim(struct nbd_job *job)
{
	int ret = co_in_pieces(job, co_discard_piece, 0);

	if (ret == 0 && (job->req.flags & NBD_CMD_FLAG_FUA))
		ret = node_co_flush(node_of(job));
	return ret;
}

static int co_flush(struct nbd_job *job)
{
	return node_co_flush(node_of(job));
}

/* Whatever cache there is below fills by reading. */
static int co_cache(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;
	uint32_t len;
	int ret = 0;

	for (uint32_t done = 0; done < req->len && ret == 0; done += len) {
		if (!nbd_client_is_there(job->client))
			return -ECANCELED;
		len = MIN(req->len - done, job->buf_bytes);
		ret = node_co_pread(node_of(job), req->offset + done, job->buf,
				    len, 0);
	}
	return ret;
}

static const struct command commands[] = {
	[NBD_CMD_READ] = {
		.name = "read",
		.flags = NBD_CMD_FLAG_DF,
		.beyond = NBD_EINVAL,
		.len_max = NBD_PAYLOAD_MAX,
		.co_run = co_read,
	},
	[NBD_CMD_WRITE] = {
		.name = "write",
		.writes = true,
		.beyond = NBD_ENOSPC,
		.len_max = NBD_PAYLOAD_MAX,
		.co_run = co_write,
	},
	[NBD_CMD_FLUSH] = {
		.name = "flush",
		.offered = NBD_FLAG_SEND_FLUSH,
		.co_run = co_flush,
	},
	[NBD_CMD_TRIM] = {
		.name = "trim",
		.offered = NBD_FLAG_SEND_TRIM,
		.writes = true,
		.beyond = NBD_EINVAL,
		.len_max = UINT32_MAX,
		.co_run = co_trim,
	},
	[NBD_CMD_CACHE] = {
		.name = "cache",
		.offered = NBD_FLAG_SEND_CACHE,
		.beyond = NBD_EINVAL,
		.len_max = NBD_PAYLOAD_MAX,
		.co_run = co_cache,
	},
	[NBD_CMD_WRITE_ZEROES] = {
		.name = "write zeroes",
		.flags = NBD_CMD_FLAG_NO_HOLE | NBD_CMD_FLAG_FAST_ZERO,
		.offered = NBD_FLAG_SEND_WRITE_ZEROES,
		.writes = true,
		.beyond = NBD_ENOSPC,
		.len_max = UINT32_MAX,
		.co_run = co_write_zeroes,
	},
	[NBD_CMD_BLOCK_STATUS] = {
		.name = "block status",
		.flags = NBD_CMD_FLAG_REQ_ONE,
		.beyond = NBD_EINVAL,
		.len_max = UINT32_MAX,
		.co_run = nbd_co_block_status,
	},
};

static const struct command *command_of(const struct nbd_request *req)
{
	if (req->type >= ARRAY_SIZE(commands) || !commands[req->type].co_run)
		return NULL;
	return &commands[req->type];
}

/* Flags that depend on what was negotiated. */
static uint16_t allowed_flags(const struct nbd_client *c,
			      const struct command *cmd)
{
	uint16_t flags = cmd->flags | NBD_CMD_FLAG_FUA;

	if (!(c->flags & NBD_FLAG_SEND_DF))
		flags &= ~NBD_CMD_FLAG_DF;
	if (!(c->flags & NBD_FLAG_SEND_FAST_ZERO))
		flags &= ~NBD_CMD_FLAG_FAST_ZERO;
	return flags;
}

static const struct nbd_fault *check_range(const struct nbd_client *c,
					   const struct command *cmd,
					   const struct nbd_request *req)
{
	static const struct nbd_fault not_zero = {
		NBD_EINVAL, "offset and length have to be 0"};
	static const struct nbd_fault too_long = {
		NBD_EINVAL, "length above the maximum payload"};
	static const struct nbd_fault too_long_read = {
		NBD_EOVERFLOW, "length above the maximum payload"};
	static const struct nbd_fault past_end = {NBD_EINVAL,
						  "beyond the export's end"};
	static const struct nbd_fault no_space = {NBD_ENOSPC,
						  "beyond the export's end"};

	if (req->type == NBD_CMD_FLUSH)
		return req->offset || req->len ? &not_zero : NULL;
	if (req->len > cmd->len_max)
		return c->structured && !cmd->writes ? &too_long_read
						     : &too_long;
	if (req->offset > c->size_bytes ||
	    req->len > c->size_bytes - req->offset)
		return cmd->beyond == NBD_ENOSPC ? &no_space : &past_end;
	return NULL;
}

static const struct nbd_fault *check_block_status(const struct nbd_client *c,
						  const struct nbd_request *req)
{
	static const struct nbd_fault no_context = {
		NBD_EINVAL, "no metadata context was negotiated"};
	static const struct nbd_fault empty = {NBD_EINVAL,
					       "length 0 has no block status"};

	if (c->meta_export != c->export)
		return &no_context;
	return req->len == 0 ? &empty : NULL;
}

const struct nbd_fault *nbd_check(const struct nbd_client *c,
				  const struct nbd_request *req)
{
	static const struct nbd_fault unknown = {NBD_EINVAL, "unknown command"};
	static const struct nbd_fault shutdown = {
		NBD_ESHUTDOWN, "the server is shutting down"};
	static const struct nbd_fault read_only = {NBD_EPERM,
						   "the export is read-only"};
	static const struct nbd_fault not_offered = {
		NBD_EINVAL, "the command was not offered"};
	static const struct nbd_fault bad_flags = {
		NBD_EINVAL, "a flag is unknown, not for this command, or was "
			    "not offered"};
	const struct command *cmd = command_of(req);
	const struct nbd_fault *fault = NULL;

	if (!cmd)
		return &unknown;
	if (c->worker->stopping)
		return &shutdown;
	if (cmd->writes && (c->flags & NBD_FLAG_READ_ONLY))
		return &read_only;
	if ((c->flags & cmd->offered) != cmd->offered)
		return &not_offered;
	if (req->flags & ~allowed_flags(c, cmd))
		return &bad_flags;
	if (req->type == NBD_CMD_BLOCK_STATUS)
		fault = check_block_status(c, req);
	return fault ? fault : check_range(c, cmd, req);
}

uint32_t nbd_buffer_bytes(const struct nbd_request *req)
{
	switch (req->type) {
	case NBD_CMD_READ:
	case NBD_CMD_WRITE:
		return req->len;
	case NBD_CMD_CACHE:
		return MIN(req->len, CACHE_PIECE_BYTES);
	case NBD_CMD_BLOCK_STATUS:
		return sizeof(struct node_extent) *
		       (req->flags & NBD_CMD_FLAG_REQ_ONE ? 1 : EXTENTS_MAX);
	default:
		return 0;
	}
}

/*
 * The client is told by the reply, whoever runs the server by the log: one
 * line a second at most, so that a dead disk doesn't fill another one.
 */
static void tell_failure(const struct nbd_job *job, int ret)
{
	const struct nbd_request *req = &job->req;
	struct nbd_worker *w = job->client->worker;
	const struct log *log = w->server->log;
	int64_t now_ns = clock_now_ns();
	char more[64] = "";

	/* a fast zero that would be slow is a fact, not a failure; and who
	 * has gone needs nothing */
	if (!log || ret == -ENOTSUP || ret == -ECANCELED)
		return;
	if (now_ns < w->failure_told_ns + FAILURE_PERIOD_NS) {
		w->failures_untold++;
		return;
	}
	if (w->failures_untold)
		snprintf(more, sizeof(more), " (%u more since the last line)",
			 w->failures_untold);
	log_write(log, LOG_ERROR,
		  "export \"%s\": %s of %" PRIu32 " bytes at %" PRIu64 ": %s%s",
		  job->client->export->name, commands[req->type].name, req->len,
		  req->offset, strerrordesc_np(-ret), more);
	w->failure_told_ns = now_ns;
	w->failures_untold = 0;
}

void nbd_co_job(void *arg)
{
	struct nbd_job *job = arg;
	const struct nbd_request *req = &job->req;
	int ret = 0;

	/* an empty range is done as soon as it is known to be allowed */
	if (req->len > 0 || req->type == NBD_CMD_FLUSH)
		ret = commands[req->type].co_run(job);
	if (ret < 0)
		tell_failure(job, ret);
	nbd_reply(job, ret);
}
