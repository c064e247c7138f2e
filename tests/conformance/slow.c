/* SPDX-License-Identifier: MIT */
/*
 * Requests that take as long as a case wants. A synthetic device has a
 * latency. For a file, a thread writes to it from memory that userfaultfd
 * leaves unpopulated: until the page is provided the thread sits in write(2)
 * and holds the file's lock, and write zeroes has to wait for that. A server
 * is stopped.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tests/conformance/conformance.h"

#define NEVER_US "3600000000"
#define SECOND_US "1000000"

struct holder {
	pthread_t thread;
	int uffd;
	int file;
	void *page; /* what the thread writes one byte of */
	size_t page_size;
	bool released;
};

/* ---- the file's lock ---- */

static void *hold(void *arg)
{
	struct holder *h = arg;

	/* the byte is what the disk has there already */
	if (pwrite(h->file, h->page, 1, 0) != 1)
		abort();
	return NULL;
}

static void watch_page(struct holder *h)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};

	h->uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (h->uffd < 0 || ioctl(h->uffd, UFFDIO_API, &api) < 0)
		case_skip("no userfaultfd here (needs root)");
	h->page_size = (size_t)sysconf(_SC_PAGESIZE);
	h->page = mmap(NULL, h->page_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(h->page != MAP_FAILED);
	reg.range.start = (uintptr_t)h->page;
	reg.range.len = h->page_size;
	check_int(ioctl(h->uffd, UFFDIO_REGISTER, &reg), 0);
}

static struct holder *holder_start(const struct target *t)
{
	struct holder *h = calloc(1, sizeof(*h));
	struct uffd_msg msg;

	check(h);
	h->file = open(disk_file(t), O_RDWR | O_CLOEXEC);
	check(h->file >= 0);
	watch_page(h);
	check_int(pthread_create(&h->thread, NULL, hold, h), 0);
	/* it has the lock once it wants the page */
	check(test_readable(h->uffd, WAIT_S * 1000));
	check_int(read(h->uffd, &msg, sizeof(msg)), sizeof(msg));
	check_int(msg.event, UFFD_EVENT_PAGEFAULT);
	return h;
}

static void holder_release(struct holder *h)
{
	void *data = calloc(1, h->page_size);
	struct uffdio_copy copy = {
		.dst = (uintptr_t)h->page,
		.src = (uintptr_t)data,
		.len = h->page_size,
	};

	check(data);
	if (h->released) {
		free(data);
		return;
	}
	h->released = true;
	pattern_fill(data, 0, 1);
	check_int(ioctl(h->uffd, UFFDIO_COPY, &copy), 0);
	check_int(pthread_join(h->thread, NULL), 0);
	free(data);
}

static void holder_end(struct holder *h)
{
	holder_release(h);
	munmap(h->page, h->page_size);
	close(h->uffd);
	close(h->file);
	free(h);
}

/* ---- either way ---- */

struct slow slow_start(const struct target *t, bool may_release)
{
	struct slow s = {.d = dev_connect(t)};

	if (t->facts->slow == SLOW_LATENCY) {
		check_ok(blkio_set_str(s.d.b, "latency-us",
				       may_release ? SECOND_US : NEVER_US));
	} else if (t->facts->slow == SLOW_LOCK && get_bool(s.d.b, "read-only")) {
		case_skip("no request on a read-only file can be held up");
	}
	dev_do_start(&s.d);
	if (t->facts->slow == SLOW_LOCK)
		s.holder = holder_start(t);
	if (t->facts->slow == SLOW_STOP)
		server_stop();
	return s;
}

void slow_release(struct slow *s)
{
	if (s->holder)
		holder_release(s->holder);
	if (s->d.t->facts->slow == SLOW_STOP)
		server_continue();
}

void slow_submit(struct slow *s, struct blkioq *q, void *user_data)
{
	if (s->d.t->facts->slow == SLOW_LOCK)
		blkioq_write_zeroes(q, 4096, 4096, user_data, 0);
	else
		blkioq_flush(q, user_data, 0);
}

int quick_submit(struct slow *s, void *user_data)
{
	static char buf[4096] __attribute__((aligned(4096)));

	if (s->d.t->facts->slow == SLOW_LATENCY)
		case_skip("all its requests take the same time");
	if (s->d.t->facts->slow == SLOW_STOP)
		case_skip("a server that is stopped does nothing else");
	if (s->d.t->kind == FILE_DISK) {
		/* reads with O_DIRECT take the lock, too */
		blkioq_flush(s->d.q, user_data, 0);
		return 0;
	}
	/* a loop device does one thing after the other: so, not by it */
	blkioq_read(s->d.q, s->d.capacity, buf, sizeof(buf), user_data, 0);
	return -EIO;
}

void slow_close(struct slow *s)
{
	if (s->holder)
		holder_end(s->holder);
	if (s->d.t->facts->slow == SLOW_STOP)
		server_continue();
	dev_close(&s->d);
}

/* ---- waits ---- */

int64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_SEC + ts->tv_nsec;
}

bool is_normal(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 && ts->tv_nsec < NS_PER_SEC;
}

void check_timeout(struct blkioq *q, int64_t ns)
{
	struct timespec ts = {ns / NS_PER_SEC, ns % NS_PER_SEC};
	int64_t began_ns = clock_now_ns();
	struct blkio_completion c;

	check_refused(blkioq_do_io(q, &c, 1, 1, &ts), ETIME);
	check(clock_now_ns() - began_ns >= ns);
	check_int(ns_of(&ts), 0);
}
