/* SPDX-License-Identifier: MIT */
/*
 * What most tests of the loop begin with, and a polled handler whose state
 * the test sets. Functions end the test when something can't be set up.
 */
#ifndef TESTS_LOOP_TEST_H
#define TESTS_LOOP_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "tests/check.h"

static inline struct loop *test_loop(void)
{
	struct err err = ERR_INIT;
	struct loop *loop;

	check_int(loop_create(&loop, &err), 0);
	check_str(err.text, "");
	return loop;
}

static inline void test_add(struct loop *loop, struct loop_fd *h,
			    unsigned events)
{
	struct err err = ERR_INIT;

	check_int(loop_fd_add(loop, h, events, &err), 0);
	check_str(err.text, "");
}

/* A connected pair of non-blocking stream sockets. */
static inline void test_pair(int fds[2])
{
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static inline void put_byte(int fd)
{
	check_int(write(fd, "x", 1), 1);
}

/* false when nothing is there to be read */
static inline bool get_byte(int fd)
{
	char c;
	ssize_t n = read(fd, &c, 1);

	check(n == 1 || (n < 0 && errno == EAGAIN));
	return n == 1;
}

/* Run iterations, without blocking, until nothing is ready. */
static inline void run_all(struct loop *loop)
{
	while (loop_run_once(loop, false))
		;
}

struct polled {
	struct loop_fd h; /* an eventfd of its own, closed by polled_end() */
	enum loop_poll state;
	int polls, readies, notifies, reads;
	bool notifying;
};

static inline enum loop_poll polled_poll(struct loop_fd *h)
{
	struct polled *p = container_of(h, struct polled, h);

	p->polls++;
	return p->state;
}

static inline void polled_ready(struct loop_fd *h)
{
	container_of(h, struct polled, h)->readies++;
}

static inline void polled_notify(struct loop_fd *h, bool on)
{
	struct polled *p = container_of(h, struct polled, h);

	p->notifies++;
	p->notifying = on;
}

static inline void polled_read(struct loop_fd *h)
{
	eventfd_t value;

	check_int(eventfd_read(h->fd, &value), 0);
	container_of(h, struct polled, h)->reads++;
}

static const struct loop_fd_ops polled_ops = {
	.on_read = polled_read,
	.poll = polled_poll,
	.poll_ready = polled_ready,
	.notify = polled_notify,
};

static inline void polled_begin(struct polled *p, struct loop *loop,
				enum loop_poll state)
{
	*p = (struct polled){
		.h.fd = eventfd(0, EFD_NONBLOCK),
		.h.ops = &polled_ops,
		.state = state,
		.notifying = true,
	};
	check(p->h.fd >= 0);
	test_add(loop, &p->h, LOOP_READ);
}

static inline void polled_end(struct polled *p)
{
	loop_fd_remove(&p->h);
	close(p->h.fd);
}

#endif
