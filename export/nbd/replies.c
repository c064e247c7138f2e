/* SPDX-License-Identifier: MIT */
/*
 * Transmission out: replies are queued in the order in which requests end,
 * and those of one loop iteration leave in one system call, straight from
 * the buffers that the device filled. With much queued the sending starts
 * before the iteration ends, so that the client has work while we go on.
 *
 * A socket that is full is waited for; what a client that does not read can
 * pile up is bounded by its jobs (requests.c), which end when the reply has
 * left. Failure modes: when sending fails the client is killed and its
 * replies are dropped. Threads: the worker's loop; nothing here yields.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "export/nbd/nbd_int.h"
#include "util/iov.h"

/* Queued bytes that are worth a system call of their own. */
#define SEND_NOW_BYTES (128u << 10)

/* Of one call; two for each reply. */
#define SEND_IOVS 128

static size_t reply_size(const struct nbd_job *job)
{
	return job->head_len + job->data_len;
}

/* Describe the queue from its first unsent byte on; returns the bytes. */
static size_t gather(const struct nbd_client *c, struct iovec *iov, int *iovcnt)
{
	size_t skip = c->sent_bytes, bytes = 0;
	int n = 0;

	for (struct nbd_job *job = c->replies; job && n + 2 <= SEND_IOVS;
	     job = job->next) {
		size_t in_head = MIN(skip, job->head_len);
		size_t in_data = skip - in_head;

		if (in_head < job->head_len)
			iov[n++] = (struct iovec){
				.iov_base = job->head + in_head,
				.iov_len = job->head_len - in_head};
		if (in_data < job->data_len)
			iov[n++] = (struct iovec){
				.iov_base = (char *)job->data + in_data,
				.iov_len = job->data_len - in_data};
		bytes += reply_size(job) - skip;
		skip = 0;
	}
	*iovcnt = n;
	return bytes;
}

static struct nbd_job *pop(struct nbd_client *c)
{
	struct nbd_job *job = c->replies;

	c->replies = job->next;
	if (!c->replies)
		c->replies_end = &c->replies;
	return job;
}

/* So much has left: end the jobs that are done with. */
static void consume(struct nbd_client *c, size_t bytes)
{
	c->progress = true;
	c->reply_bytes -= bytes;
	bytes += c->sent_bytes;
	while (c->replies && bytes >= reply_size(c->replies)) {
		struct nbd_job *job = pop(c);

		bytes -= reply_size(job);
		nbd_job_free(job);
	}
	c->sent_bytes = bytes;
}

void nbd_send_replies(struct nbd_client *c)
{
	struct iovec iov[SEND_IOVS];
	bool blocked = false;

	while (c->replies && !blocked) {
		struct msghdr msg = {.msg_iov = iov};
		int iovcnt;
		size_t bytes = gather(c, iov, &iovcnt);
		ssize_t n;

		msg.msg_iovlen = iovcnt;
		n = sendmsg(c->io.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			nbd_client_log(c, "send: %s", strerrordesc_np(errno));
			nbd_client_kill(c);
			return;
		}
		blocked = n < 0 ? errno == EAGAIN : (size_t)n < bytes;
		if (n > 0)
			consume(c, n);
	}
	if (blocked != c->send_blocked) {
		c->send_blocked = blocked;
		nbd_client_watch(c);
	}
}

void nbd_drop_replies(struct nbd_client *c)
{
	c->sent_bytes = 0;
	c->reply_bytes = 0;
	while (c->replies)
		nbd_job_free(pop(c));
	if (c->send_blocked) {
		c->send_blocked = false;
		nbd_client_watch(c);
	}
}

static void queue_reply(struct nbd_job *job)
{
	struct nbd_client *c = job->client;

	/* what a write brought is not needed any more */
	if (job->data != job->buf)
		nbd_job_free_buffer(job);
	if (c->dead) {
		nbd_job_free(job);
		return;
	}
	job->next = NULL;
	*c->replies_end = job;
	c->replies_end = &job->next;
	c->reply_bytes += reply_size(job);
	if (c->send_blocked)
		return;
	if (c->reply_bytes >= SEND_NOW_BYTES)
		nbd_send_replies(c);
	else
		loop_defer(c->worker->loop, &c->send);
}

void nbd_reply_fault(struct nbd_job *job, const struct nbd_fault *fault)
{
	uint64_t cookie = job->req.cookie;

	job->data = NULL;
	job->data_len = 0;
	if (job->client->structured) {
		job->data = fault->text;
		job->data_len = strlen(fault->text);
		job->head_len = nbd_encode_chunk_error(
			job->head, cookie, fault->error, job->data_len);
	} else {
		job->head_len = nbd_encode_simple_reply(job->head, cookie,
							fault->error);
	}
	queue_reply(job);
}

/* A success, with data if the command gave any. */
static size_t encode_success(struct nbd_job *job)
{
	const struct nbd_request *req = &job->req;

	if (req->type == NBD_CMD_BLOCK_STATUS)
		return nbd_encode_chunk_status(job->head, req->cookie,
					       NBD_CONTEXT_ALLOCATION,
					       job->data_len);
	if (req->type == NBD_CMD_READ && job->client->structured)
		return job->data_len > 0
			       ? nbd_encode_chunk_data(job->head, req->cookie,
						       req->offset,
						       job->data_len)
			       : nbd_encode_chunk_none(job->head, req->cookie);
	return nbd_encode_simple_reply(job->head, req->cookie, NBD_OK);
}

void nbd_reply(struct nbd_job *job, int ret)
{
	struct nbd_fault fault;
	const char *text;

	if (ret == 0) {
		job->head_len = encode_success(job);
		queue_reply(job);
		return;
	}
	text = strerrordesc_np(-ret);
	fault.text = text ? text : "unknown error";
	fault.error = nbd_error_from_errno(ret);
	/* Error values: this one is for fast zeroes only */
	if (fault.error == NBD_ENOTSUP &&
	    !(job->req.flags & NBD_CMD_FLAG_FAST_ZERO))
		fault.error = NBD_EINVAL;
	nbd_reply_fault(job, &fault);
}
