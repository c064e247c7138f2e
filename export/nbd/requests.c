/* SPDX-License-Identifier: MIT */
/*
 * Transmission in: take requests off the input one by one, check them, wait
 * until there is room, receive a write's payload straight into the buffer
 * that the device will get, and start a coroutine for each.
 *
 * A request that is refused is answered and the next one is taken: its
 * payload is skipped without being stored. The stream is lost, and the
 * connection ended, only by a wrong magic or a payload that no sane client
 * would claim.
 *
 * Room: a client's requests and payload bytes are bounded, those of all
 * clients of the worker as well. Some is always a client's own, so that those
 * who use up the common bound, and don't read their replies, can't stop it.
 *
 * Threads: the worker's loop.
 */
#include <stdlib.h>

#include "export/nbd/nbd_int.h"

/* Requests of one client from header to end of reply; further ones stay in
 * the socket. */
#define JOBS_MAX 128

/* Requests of all clients, divided among the loops: each is a coroutine, and
 * a process may map only so many stacks ... */
#define SERVER_JOBS_MAX 8192

/* ... beyond which each client may still have so many. */
#define CLIENT_JOBS_SURE 4

/* Payload bytes of one client in memory ... */
#define CLIENT_BYTES_MAX (UINT64_C(64) << 20)

/* ... and of all clients of a loop ... */
#define WORKER_BYTES_MAX (UINT64_C(256) << 20)

/* ... beyond which each may still have so much, or one request. */
#define CLIENT_BYTES_SURE (UINT64_C(1) << 20)

/* The longest payload that is skipped rather than cut off. */
#define SKIP_BYTES_MAX (2 * NBD_PAYLOAD_MAX)

/* ---- room ---- */

static bool has_room(const struct nbd_client *c, uint32_t bytes)
{
	const struct nbd_worker *w = c->worker;
	uint64_t mine = c->payload_bytes + bytes;

	if (c->nr_jobs == 0 || c->nr_jobs == JOBS_MAX)
		return c->nr_jobs == 0;
	if (c->nr_jobs >= CLIENT_JOBS_SURE &&
	    w->nr_jobs >= SERVER_JOBS_MAX / (unsigned)w->server->nr_workers)
		return false;
	return mine <= CLIENT_BYTES_SURE ||
	       (mine <= CLIENT_BYTES_MAX &&
		w->payload_bytes + bytes <= WORKER_BYTES_MAX);
}

/*
 * Who waits has something in flight, whose end is the time to look again;
 * what others give back is found then. false: the client died meanwhile.
 */
static bool co_wait_for_room(struct nbd_client *c, uint32_t bytes)
{
	while (!c->dead && !has_room(c, bytes))
		nbd_co_wait(c, NBD_WAIT_ROOM);
	return !c->dead;
}

void nbd_job_free_buffer(struct nbd_job *job)
{
	struct nbd_client *c = job->client;
	struct nbd_worker *w = c->worker;

	if (!job->buf)
		return;
	buffers_put(&c->export->buffers[w->index], job->buf, job->buf_bytes);
	c->payload_bytes -= job->buf_bytes;
	w->payload_bytes -= job->buf_bytes;
	job->buf = NULL;
}

void nbd_job_free(struct nbd_job *job)
{
	struct nbd_client *c = job->client;

	nbd_job_free_buffer(job);
	job->next = c->free_jobs;
	c->free_jobs = job;
	c->nr_jobs--;
	c->worker->nr_jobs--;
	if (c->nr_jobs == 0) {
		nbd_client_wake(c, NBD_WAIT_JOBS);
		if (c->worker->stopping)
			nbd_client_stop(c);
	}
	nbd_client_wake(c, NBD_WAIT_ROOM);
}

/* ---- requests ---- */

static struct nbd_job *take_job(struct nbd_client *c,
				const struct nbd_request *req)
{
	struct nbd_job *job = c->free_jobs;

	c->free_jobs = job->next;
	c->nr_jobs++;
	c->worker->nr_jobs++;
	job->req = *req;
	job->data = NULL;
	job->data_len = 0;
	return job;
}

static bool give_buffer(struct nbd_job *job, uint32_t bytes)
{
	struct nbd_client *c = job->client;

	if (bytes == 0)
		return true;
	job->buf = buffers_get(&c->export->buffers[c->worker->index], bytes);
	if (!job->buf)
		return false;
	job->buf_bytes = bytes;
	c->payload_bytes += bytes;
	c->worker->payload_bytes += bytes;
	return true;
}

static bool co_receive_payload(struct nbd_job *job)
{
	struct nbd_client *c = job->client;

	if (job->req.type != NBD_CMD_WRITE)
		return true;
	if (job->buf)
		return nbd_co_take_into(c, job->buf, job->req.len);
	return nbd_co_skip(c, job->req.len);
}

/* false: the stream is lost, or the client gone. */
static bool co_do_request(struct nbd_client *c, const struct nbd_request *req)
{
	static const struct nbd_fault no_memory = {NBD_ENOMEM, "out of memory"};
	const struct nbd_fault *fault = nbd_check(c, req);
	uint32_t bytes = fault ? 0 : nbd_buffer_bytes(req);
	struct nbd_job *job;

	if (req->type == NBD_CMD_WRITE && req->len > SKIP_BYTES_MAX) {
		nbd_client_log(c, "write of %u bytes, at most %u wanted: cut",
			       req->len, NBD_PAYLOAD_MAX);
		return false;
	}
	if (!co_wait_for_room(c, bytes))
		return false;
	job = take_job(c, req);
	if (!give_buffer(job, bytes))
		fault = &no_memory;
	if (!co_receive_payload(job)) {
		nbd_job_free(job);
		return false;
	}
	if (!fault && co_start(nbd_co_job, job) < 0)
		fault = &no_memory;
	if (fault)
		nbd_reply_fault(job, fault);
	return true;
}

static bool make_jobs(struct nbd_client *c)
{
	c->jobs = calloc(JOBS_MAX, sizeof(*c->jobs));
	if (!c->jobs)
		return false;
	for (int i = JOBS_MAX - 1; i >= 0; i--) {
		c->jobs[i].client = c;
		c->jobs[i].next = c->free_jobs;
		c->free_jobs = &c->jobs[i];
	}
	return true;
}

void nbd_co_transmit(struct nbd_client *c)
{
	struct nbd_request req;
	struct err err = ERR_INIT;
	const uint8_t *data;

	if (!make_jobs(c)) {
		nbd_client_log(c, "transmission: out of memory");
		return;
	}
	while (nbd_co_take(c, NBD_REQUEST_LEN, &data)) {
		if (nbd_decode_request(data, &req, &err) < 0) {
			nbd_client_log(c, "%s: cut", err.text);
			return;
		}
		if (req.type == NBD_CMD_DISC) {
			nbd_client_log(c, "disconnects");
			c->leaving = true;
			return;
		}
		if (!co_do_request(c, &req))
			return;
	}
}
