/* SPDX-License-Identifier: MIT */
/*
 * event-loop FILE - add up the bytes of a file or block device, in a poll(2)
 * loop that has something else to do: tell every second how far it is. It
 * enables the completion fd, looks at the queue once more, and only then
 * sleeps: what completed before the fd was enabled may not be signalled.
 *
 *	cc -o event-loop event-loop.c $(pkg-config --cflags --libs blkio)
 */
#include <blkio.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DEPTH 4
#define CHUNK (64 * 1024)

struct job {
	struct blkioq *q;
	uint64_t size, next, sum; /* next: bytes asked for so far */
	int in_flight;
	struct buf {
		size_t len; /* bytes of it that are asked for */
		unsigned char bytes[CHUNK];
	} bufs[DEPTH];
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "event-loop: %s: %s\n", what, why);
	return -1;
}

static void read_next(struct job *j, struct buf *buf)
{
	uint64_t left = j->size - j->next;

	if (left == 0)
		return;
	buf->len = left < CHUNK ? left : CHUNK;
	blkioq_read(j->q, j->next, buf->bytes, buf->len, buf, 0);
	j->next += buf->len;
	j->in_flight++;
}

/* Start what was asked for, use what is there. How many, or -1; no waiting. */
static int progress(struct job *j)
{
	struct blkio_completion done[DEPTH];
	int n = blkioq_do_io(j->q, done, 0, DEPTH, NULL);

	for (int i = 0; i < n; i++) {
		struct buf *buf = done[i].user_data;

		if (done[i].ret < 0)
			return fail("read", strerror(-done[i].ret));
		for (size_t k = 0; k < buf->len; k++)
			j->sum += buf->bytes[k];
		j->in_flight--;
		read_next(j, buf);
	}
	return n < 0 ? fail("blkioq_do_io", blkio_get_error_msg()) : n;
}

static int run(struct job *j, int timer)
{
	const struct itimerspec second = {{1, 0}, {1, 0}};
	struct pollfd fds[] = {
		{.fd = blkioq_get_completion_fd(j->q), .events = POLLIN},
		{.fd = timer, .events = POLLIN},
	};
	uint64_t count;
	int n = 0;

	timerfd_settime(timer, 0, &second, NULL); /* it may go without */
	for (int i = 0; i < DEPTH; i++)
		read_next(j, &j->bufs[i]);
	while (n >= 0 && j->in_flight > 0) {
		blkioq_set_completion_fd_enabled(j->q, false);
		n = progress(j);
		if (n == 0) {
			blkioq_set_completion_fd_enabled(j->q, true);
			n = progress(j);
		}
		/* with work to do, others get a look, but no time to sleep */
		if (n < 0 || poll(fds, 2, n > 0 ? 0 : -1) <= 0)
			continue;
		if (fds[0].revents && read(fds[0].fd, &count, 8) < 0)
			return fail("completion fd", strerror(errno));
		if (fds[1].revents && read(timer, &count, 8) == 8)
			fprintf(stderr, "%.0f %%\n", 100. * j->next / j->size);
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct job j;
	struct blkio *b;
	int ret = -1;

	if (argc != 2)
		return fail("usage", "event-loop FILE") < 0;
	if (blkio_create("io_uring", &b) < 0 ||
	    blkio_set_str(b, "path", argv[1]) < 0 ||
	    blkio_set_bool(b, "read-only", true) < 0 || blkio_connect(b) < 0 ||
	    blkio_get_uint64(b, "capacity", &j.size) < 0 || blkio_start(b) < 0)
		fail(argv[1], blkio_get_error_msg());
	else {
		j.q = blkio_get_queue(b, 0);
		ret = run(&j, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	}
	blkio_destroy(&b);
	if (ret >= 0)
		printf("%llu\n", (unsigned long long)j.sum);
	return ret < 0;
}
