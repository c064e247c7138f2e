/* SPDX-License-Identifier: MIT */
/*
 * A connection's life: one coroutine reads all that the client sends, first
 * in the handshake and then request by request. Requests run in coroutines
 * of their own and the replies are sent from the loop, so this coroutine
 * waits for input (and, in the handshake, for room to send), for free
 * resources, and at the end for its last request.
 *
 * Ways to end, all through the end of that coroutine:
 *   - the client says so, closes its side, or breaks the protocol: nothing
 *     more is read; requests in flight finish and their replies leave, as
 *     long as the client takes them;
 *   - sending or receiving fails, or a timer runs out: killed, requests in
 *     flight finish, their replies are dropped;
 *   - the server stops: as the first, once all that came in is answered.
 *
 * Each wait ends by one waker only: who wakes sets c->wait to none first, so
 * an event that comes between waking and running finds nobody to enter.
 *
 * Threads: the worker's loop.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "export/nbd/nbd_int.h"
#include "util/clock.h"
#include "util/iov.h"

/* Receive calls of one client before other events get a turn. */
#define INPUT_TURNS 4

void nbd_client_log(const struct nbd_client *c, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (!c->server->log || c->server->log->level < LOG_DEBUG)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_write(c->server->log, LOG_DEBUG, "client %" PRIu64 ": %s", c->id,
		  text);
}

/* ---- waiting ---- */

void nbd_client_watch(struct nbd_client *c)
{
	unsigned events = 0;

	if (c->wait == NBD_WAIT_INPUT)
		events |= LOOP_READ;
	if (c->wait == NBD_WAIT_OUTPUT || c->send_blocked)
		events |= LOOP_WRITE;
	loop_fd_set_events(&c->io, events);
}

void nbd_co_wait(struct nbd_client *c, enum nbd_wait wait)
{
	assert(c->wait == NBD_WAIT_NONE && co_self() == c->co);
	c->wait = wait;
	nbd_client_watch(c);
	co_yield();
	assert(c->wait == NBD_WAIT_NONE);
}

void nbd_client_wake(struct nbd_client *c, enum nbd_wait wait)
{
	if (c->wait != wait || wait == NBD_WAIT_NONE)
		return;
	c->wait = NBD_WAIT_NONE;
	co_wake(c->co);
}

static void on_read(struct loop_fd *io)
{
	struct nbd_client *c = container_of(io, struct nbd_client, io);

	if (c->wait != NBD_WAIT_INPUT)
		return;
	c->wait = NBD_WAIT_NONE;
	co_enter(c->co);
}

static void on_write(struct loop_fd *io)
{
	struct nbd_client *c = container_of(io, struct nbd_client, io);

	if (c->wait == NBD_WAIT_OUTPUT) {
		c->wait = NBD_WAIT_NONE;
		co_enter(c->co);
	} else {
		nbd_send_replies(c);
	}
}

static const struct loop_fd_ops io_ops = {
	.on_read = on_read,
	.on_write = on_write,
};

void nbd_client_kill(struct nbd_client *c)
{
	if (c->dead)
		return;
	c->dead = true;
	/* the peer is to know now, not when its last request has ended */
	shutdown(c->io.fd, SHUT_RDWR);
	nbd_drop_replies(c);
	nbd_client_wake(c, c->wait);
}

/* Who has closed one direction only still waits for answers. Of TCP such an
 * end is all we see, until a reset answers what is sent. */
bool nbd_client_is_there(struct nbd_client *c)
{
	struct pollfd p = {.fd = c->io.fd};

	if (!c->dead && !c->leaving && poll(&p, 1, 0) == 1) {
		nbd_client_log(c, "has hung up: cut");
		nbd_client_kill(c);
	}
	return !c->dead;
}

void nbd_client_stop(struct nbd_client *c)
{
	nbd_client_wake(c, NBD_WAIT_INPUT);
}

/* ---- input ---- */

/* The server stops, and nothing of this client's is in flight. */
static bool idle_at_stop(const struct nbd_client *c)
{
	return c->worker->stopping && c->nr_jobs == 0;
}

/*
 * Receive into iov: 0 when nothing will come any more, be it that the client
 * is gone or (with may_stop) that the server stops and all was answered.
 */
static size_t co_receive(struct nbd_client *c, const struct iovec *iov,
			 int iovcnt, bool may_stop)
{
	while (!c->dead) {
		ssize_t n;

		if (c->input_empty) {
			if (may_stop && idle_at_stop(c))
				return 0;
			nbd_co_wait(c, NBD_WAIT_INPUT);
			c->input_empty = false;
			c->input_turns = INPUT_TURNS;
			continue;
		}
		if (c->input_turns == 0) {
			co_yield_to_loop();
			c->input_turns = INPUT_TURNS;
			continue;
		}
		c->input_turns--;
		n = readv(c->io.fd, iov, iovcnt);
		if (n >= 0) {
			/* a short read spares us the one that gets EAGAIN */
			c->input_empty = (size_t)n < iov_size(iov, iovcnt);
			return n;
		}
		if (errno == EAGAIN) {
			c->input_empty = true;
		} else if (errno != EINTR) {
			nbd_client_log(c, "receive: %s",
				       strerrordesc_np(errno));
			nbd_client_kill(c);
		}
	}
	return 0;
}

static uint32_t buffered(const struct nbd_client *c)
{
	return c->input_end - c->input_start;
}

bool nbd_co_take(struct nbd_client *c, uint32_t len, const uint8_t **data)
{
	assert(len <= NBD_INPUT_BYTES);
	while (buffered(c) < len) {
		struct iovec iov;
		size_t n;

		memmove(c->input, c->input + c->input_start, buffered(c));
		c->input_end = buffered(c);
		c->input_start = 0;
		iov.iov_base = c->input + c->input_end;
		iov.iov_len = NBD_INPUT_BYTES - c->input_end;
		n = co_receive(c, &iov, 1, true);
		if (n == 0)
			return false;
		c->input_end += n;
	}
	*data = c->input + c->input_start;
	c->input_start += len;
	return true;
}

bool nbd_co_take_into(struct nbd_client *c, uint8_t *buf, size_t len)
{
	size_t done = MIN(len, buffered(c));

	memcpy(buf, c->input + c->input_start, done);
	c->input_start += done;
	while (done < len) {
		/* the buffer is empty: what follows the payload goes there */
		const struct iovec iov[] = {
			{.iov_base = buf + done, .iov_len = len - done},
			{.iov_base = c->input, .iov_len = NBD_INPUT_BYTES},
		};
		size_t n = co_receive(c, iov, ARRAY_SIZE(iov), false);

		if (n == 0)
			return false;
		c->input_start = 0;
		c->input_end = n > len - done ? n - (len - done) : 0;
		done += MIN(n, len - done);
	}
	return true;
}

bool nbd_co_skip(struct nbd_client *c, uint64_t len)
{
	const uint8_t *data;

	while (len > 0) {
		uint32_t part = MIN(len, NBD_INPUT_BYTES);

		if (!nbd_co_take(c, part, &data))
			return false;
		len -= part;
	}
	return true;
}

/* ---- life ---- */

static bool arm_timer(struct nbd_client *c)
{
	return loop_timer_arm(c->worker->loop, &c->timer,
			      clock_now_ns() +
				      c->server->handshake_timeout_ns) == 0;
}

static void on_timer(struct loop_timer *timer)
{
	struct nbd_client *c = container_of(timer, struct nbd_client, timer);

	/* at the end: the device may take its time, the client may not */
	if (!c->in_handshake && (c->progress || !c->replies)) {
		c->progress = false;
		if (arm_timer(c))
			return;
	}
	nbd_client_log(c, "%s", c->in_handshake
					? "no end of the handshake: cut"
					: "takes no replies: cut");
	nbd_client_kill(c);
}

/* Nothing more is read: let what is in flight finish and leave. */
static void co_finish_jobs(struct nbd_client *c)
{
	if (c->nr_jobs == 0)
		return;
	c->progress = true;
	if (!arm_timer(c))
		nbd_client_kill(c);
	while (c->nr_jobs > 0)
		nbd_co_wait(c, NBD_WAIT_JOBS);
	loop_timer_cancel(c->worker->loop, &c->timer);
}

static void end(struct nbd_client *c)
{
	struct loop *loop = c->worker->loop;

	nbd_client_log(c, "gone");
	list_remove(&c->link);
	loop_timer_cancel(loop, &c->timer);
	loop_defer_cancel(loop, &c->send);
	loop_fd_remove(&c->io);
	close(c->io.fd);
	free(c->jobs);
	free(c->input);
	/* the last access: it is the main loop's from here on */
	loop_bh_init(&c->bh, c->server->workers[0].loop, nbd_client_gone);
	loop_bh_schedule(&c->bh);
}

static bool co_greet(struct nbd_client *c)
{
	bool done = false;

	c->in_handshake = true;
	c->input = malloc(NBD_INPUT_BYTES);
	if (c->input && !c->worker->stopping && arm_timer(c))
		done = nbd_co_handshake(c);
	loop_timer_cancel(c->worker->loop, &c->timer);
	c->in_handshake = false;
	return done && !c->dead;
}

static void co_client(void *arg)
{
	struct nbd_client *c = arg;

	c->co = co_self();
	if (co_greet(c))
		nbd_co_transmit(c);
	co_finish_jobs(c);
	end(c);
}

static void send_deferred(struct loop_defer *send)
{
	nbd_send_replies(container_of(send, struct nbd_client, send));
}

void nbd_client_start(struct loop_bh *bh)
{
	struct nbd_client *c = container_of(bh, struct nbd_client, bh);
	struct err err = ERR_INIT;

	list_push_back(&c->worker->clients, &c->link);
	loop_timer_init(&c->timer, on_timer);
	c->send.run = send_deferred;
	c->replies_end = &c->replies;
	c->io.ops = &io_ops;
	if (loop_fd_add(c->worker->loop, &c->io, 0, &err) < 0 ||
	    co_start(co_client, c) < 0) {
		nbd_client_log(c, "no resources: %s", err.text);
		end(c);
	}
}
