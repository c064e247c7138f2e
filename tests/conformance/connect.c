/* SPDX-License-Identifier: MIT */
/*
 * How "path" and "fd" name the device: what can't be opened, who owns the
 * fd, and that a failed connect leaves the instance ready for another try.
 * Then starting: numbers of queues, and another try there.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/conformance/conformance.h"

/* Created, with the target's settings, and no source yet. */
static struct dev no_source(const struct target *t)
{
	struct dev d = dev_create(t);

	check_ok(blkio_set_str(d.b, "path", ""));
	return d;
}

/* The fd as the target would open it. */
static int open_disk(const struct target *t, int access)
{
	int direct = target_has(t, "direct") ? O_DIRECT : 0;
	int fd = open(disk_path(t), access | direct | O_CLOEXEC);

	check(fd >= 0);
	return fd;
}

static int access_mode(const struct target *t)
{
	return target_has(t, "read-only") ? O_RDONLY : O_RDWR;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Connected and started it does what a device does. */
static void check_works(struct dev *d)
{
	dev_do_connect(d);
	dev_do_start(d);
	check_int(request(d->q, READ, 0, dev_buffer(d, 4096), 4096, 0), 0);
	dev_close(d);
}

/* ---- what can't be opened ---- */

static void case_no_source(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);

	check_refused(blkio_connect(d.b), EINVAL);
	dev_close(&d);
}

static void case_two_sources(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	int fd = open_disk(t, access_mode(t));

	check_ok(blkio_set_int(d.b, "fd", fd));
	check_refused(blkio_connect(d.b), EINVAL);
	check(is_open(fd));
	dev_close(&d);
	check(is_open(fd));
}

/* A path that open(2) refuses, or what is there isn't a disk. */
static const struct bad_path {
	const char *name, *path;
	int errnum; /* 0: of what is no device */
} bad_paths[] = {
	{"missing", "/nowhere/disk", ENOENT},
	{"file-in-path", "/dev/null/disk", ENOTDIR},
	{"character-device", "/dev/null", 0},
};

static void check_bad_path(const struct target *t, const char *path, int errnum)
{
	struct dev d = dev_create(t);

	check_ok(blkio_set_str(d.b, "path", path));
	check_refused(blkio_connect(d.b), errnum);
	check_refused(blkio_connect(d.b), errnum);
	dev_close(&d);
}

static void case_bad_path(const struct target *t, const void *arg)
{
	const struct bad_path *bad = arg;

	check_bad_path(t, bad->path,
		       bad->errnum ? bad->errnum : t->facts->wrong_file);
}

static void case_directory(const struct target *t, const void *arg)
{
	/* a directory can be opened to be read, but is no disk */
	bool opened = !t->facts->takes_fd || target_has(t, "read-only");

	check_bad_path(t, t->dir, opened ? t->facts->wrong_file : EISDIR);
}

static void case_fifo(const struct target *t, const void *arg)
{
	char path[4096];
	struct dev d;

	snprintf(path, sizeof(path), "%s/disk", t->dir);
	if (t->kind == LOOP_DISK)
		case_skip("the name is in use");
	check_int(mkfifo(path, 0600), 0);
	check_ok(blkio_create(t->driver, &d.b));
	check_ok(blkio_set_str(d.b, "path", path));
	check_refused(blkio_connect(d.b), t->facts->wrong_file);
	dev_close(&d);
}

static void case_bad_fd(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);

	check_ok(blkio_set_int(d.b, "fd", 1000));
	check_refused(blkio_connect(d.b), EBADF);
	dev_close(&d);
}

/* ---- the fd ---- */

static void case_fd(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open_disk(t, access_mode(t));

	check_ok(blkio_set_int(d.b, "fd", fd));
	check_works(&d);
	check(!is_open(fd)); /* it was the library's */
}

static void case_fd_property(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);
	int fd = get_int(d.b, "fd");

	check(is_open(fd));
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(fcntl(fd, F_GETFL) & O_ACCMODE, access_mode(t));
	check_int(!(fcntl(fd, F_GETFL) & O_DIRECT), !target_has(t, "direct"));
	dev_close(&d);
	check(!is_open(fd));
}

/* Reads leave alone the access time of what connect opened, and only of that */
static void case_access_time(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);

	check_int(fcntl(get_int(d.b, "fd"), F_GETFL) & O_NOATIME, O_NOATIME);
	dev_close(&d);
	d = no_source(t);
	check_ok(blkio_set_int(d.b, "fd", open_disk(t, access_mode(t))));
	dev_do_connect(&d);
	check_int(fcntl(get_int(d.b, "fd"), F_GETFL) & O_NOATIME, 0);
	dev_close(&d);
}

/* read-only and direct are what the fd is, whatever was set. */
static void case_fd_flags(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open(disk_path(t), O_RDONLY | O_CLOEXEC);

	check_ok(blkio_set_bool(d.b, "read-only", false));
	check_ok(blkio_set_int(d.b, "fd", fd));
	check_ok(blkio_connect(d.b));
	check(get_bool(d.b, "read-only"));
	dev_close(&d);

	d = no_source(t);
	fd = open(disk_path(t), O_RDWR | O_CLOEXEC);
	check_ok(blkio_set_bool(d.b, "read-only", true));
	check_ok(blkio_set_int(d.b, "fd", fd));
	check_ok(blkio_connect(d.b));
	check(!get_bool(d.b, "read-only"));
	dev_close(&d);
}

static void case_fd_direct(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open(disk_path(t), O_RDWR | O_CLOEXEC | O_DIRECT);

	check_ok(blkio_set_bool(d.b, "direct", false));
	check_ok(blkio_set_int(d.b, "fd", fd));
	check_ok(blkio_connect(d.b));
	check(get_int(d.b, "request-alignment") > 1);
	check_int(blkio_set_bool(d.b, "direct", true), -EBUSY);
	dev_close(&d);
}

static void case_fd_write_only(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open_disk(t, O_WRONLY);

	check_ok(blkio_set_int(d.b, "fd", fd));
	dev_do_connect(&d);
	dev_do_start(&d);
	check(!d.read_only);
	check_int(request(d.q, WRITE, 0, dev_buffer(&d, 4096), 4096, 0), 0);
	check_int(request(d.q, READ, 0, dev_buffer(&d, 4096), 4096, 0), -EBADF);
	dev_close(&d);
}

/* Else some file systems would fail with EAGAIN what has to wait. */
static void case_fd_nonblocking(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open_disk(t, access_mode(t) | O_NONBLOCK);

	check_ok(blkio_set_int(d.b, "fd", fd));
	dev_do_connect(&d);
	check_int(fcntl(get_int(d.b, "fd"), F_GETFL) & O_NONBLOCK, 0);
	dev_close(&d);
}

/* Not a disk: the fd is the caller's still, and open. */
static void case_fd_kept(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	check_ok(blkio_set_int(d.b, "fd", fd));
	check_refused(blkio_connect(d.b), EINVAL);
	check(is_open(fd));
	check_refused(blkio_connect(d.b), EINVAL);
	check_int(get_int(d.b, "fd"), fd);
	dev_close(&d);
	check(is_open(fd));
}

/* Never connected: the fd is the caller's. */
static void case_fd_unused(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int fd = open_disk(t, access_mode(t));

	check_ok(blkio_set_int(d.b, "fd", fd));
	dev_close(&d);
	check(is_open(fd));
}

/* ---- another try ---- */

static void case_retry_missing(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_ok(blkio_set_str(d.b, "path", "/nowhere/disk"));
	check_refused(blkio_connect(d.b), ENOENT);
	check_ok(blkio_set_str(d.b, "path", disk_path(t)));
	check_works(&d);
}

static void set_direct(struct dev *d, bool direct)
{
	if (fact_of(d->t, "direct"))
		check_ok(blkio_set_bool(d->b, "direct", direct));
}

/* It could be opened, and was no disk. */
static void case_retry_path(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_ok(blkio_set_str(d.b, "path", "/dev/null"));
	set_direct(&d, false); /* can't be opened so */
	check_refused(blkio_connect(d.b), t->facts->wrong_file);
	check_int(get_int(d.b, "fd"), -1);
	check_ok(blkio_set_str(d.b, "path", disk_path(t)));
	set_direct(&d, target_has(t, "direct"));
	check_works(&d);
}

static void case_retry_fd(const struct target *t, const void *arg)
{
	struct dev d = no_source(t);
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	check_ok(blkio_set_int(d.b, "fd", null_fd));
	check_refused(blkio_connect(d.b), EINVAL);
	check_ok(blkio_set_int(d.b, "fd", open_disk(t, access_mode(t))));
	check_works(&d);
}

/* A failed connect changes no property. */
static void case_failure_changes_nothing(const struct target *t,
					 const void *arg)
{
	struct dev d = dev_create(t);
	bool read_only = get_bool(d.b, "read-only");
	uint64_t u;

	check_ok(blkio_set_str(d.b, "path", "/dev/null"));
	check_refused(blkio_connect(d.b), t->facts->wrong_file);
	check_int(get_bool(d.b, "read-only"), read_only);
	if (fact_of(t, "direct"))
		check_int(get_bool(d.b, "direct"), target_has(t, "direct"));
	check_int(blkio_get_uint64(d.b, "capacity", &u), -ENODEV);
	check_int(blkio_set_bool(d.b, "read-only", !read_only), 0);
	check_int(blkio_set_int(d.b, "num-queues", 2), -ENODEV);
	dev_close(&d);
}

/* ---- start ---- */

static void case_no_queues(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);
	bool can_add = get_bool(d.b, "can-add-queues");

	check_ok(blkio_set_int(d.b, "num-queues", 0));
	check_int(blkio_start(d.b), can_add ? 0 : -EINVAL);
	check(!blkio_get_queue(d.b, 0));
	if (!can_add)
		check_ok(blkio_set_int(d.b, "num-queues", 1));
	dev_close(&d);
}

static void case_many_queues(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);

	check_ok(blkio_set_int(d.b, "num-queues", 4));
	dev_do_start(&d);
	for (int i = 0; i < 4; i++)
		check_int(
			request(blkio_get_queue(d.b, i), FLUSH, 0, NULL, 0, 0),
			0);
	check(!blkio_get_queue(d.b, 4));
	dev_close(&d);
}

static void case_poll_queues(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);
	bool can_poll = get_bool(d.b, "supports-poll-queues");

	check_ok(blkio_set_int(d.b, "num-poll-queues", 2));
	check_int(blkio_start(d.b), can_poll ? 0 : -EINVAL);
	check((blkio_get_poll_queue(d.b, 1) != NULL) == can_poll);
	check(!blkio_get_poll_queue(d.b, 2));
	if (!can_poll) {
		check_ok(blkio_set_int(d.b, "num-poll-queues", 0));
		dev_do_start(&d);
		check_int(request(d.q, FLUSH, 0, NULL, 0, 0), 0);
	}
	dev_close(&d);
}

/* Queues of a size that no kernel makes: a failed start can be repeated. */
static void case_start_again(const struct target *t, const void *arg)
{
	struct dev d = dev_connect(t);

	check_ok(blkio_set_int(d.b, "num-entries", INT32_MAX));
	check_refused(blkio_start(d.b), EINVAL);
	check(!blkio_get_queue(d.b, 0));
	check_refused(blkio_add_queue(d.b), EBUSY);
	check_ok(blkio_set_int(d.b, "num-entries", 16));
	dev_do_start(&d);
	check_int(request(d.q, FLUSH, 0, NULL, 0, 0), 0);
	dev_close(&d);
}

/* ---- list ---- */

static void add_descriptor_cases(struct suite *s)
{
	add_case(s, case_two_sources, NULL, "connect.path-and-fd");
	add_case(s, case_bad_fd, NULL, "connect.bad-fd");
	add_case(s, case_fd, NULL, "connect.fd");
	add_case(s, case_fd_property, NULL, "connect.fd-property");
	add_case(s, case_access_time, NULL, "connect.access-time");
	add_case(s, case_fd_flags, NULL, "connect.fd-flags");
	add_case(s, case_fd_direct, NULL, "connect.fd-direct");
	add_case(s, case_fd_write_only, NULL, "connect.fd-write-only");
	add_case(s, case_fd_nonblocking, NULL, "connect.fd-nonblocking");
	add_case(s, case_fd_kept, NULL, "connect.fd-kept-on-failure");
	add_case(s, case_fd_unused, NULL, "connect.fd-unused");
	add_case(s, case_retry_fd, NULL, "connect.retry-fd");
}

static void add_source_cases(struct suite *s)
{
	add_case(s, case_no_source, NULL, "connect.no-source");
	for (size_t i = 0; i < ARRAY_SIZE(bad_paths); i++)
		add_case(s, case_bad_path, &bad_paths[i], "connect.%s",
			 bad_paths[i].name);
	add_case(s, case_directory, NULL, "connect.directory");
	add_case(s, case_fifo, NULL, "connect.fifo");
	add_case(s, case_retry_missing, NULL, "connect.retry-missing");
	add_case(s, case_retry_path, NULL, "connect.retry-path");
	add_case(s, case_failure_changes_nothing, NULL,
		 "connect.failure-changes-nothing");
}

void add_connect_cases(struct suite *s)
{
	if (s->t->facts->has_source)
		add_source_cases(s);
	if (s->t->facts->takes_fd)
		add_descriptor_cases(s);
	add_case(s, case_no_queues, NULL, "start.no-queues");
	add_case(s, case_many_queues, NULL, "start.many-queues");
	add_case(s, case_poll_queues, NULL, "start.poll-queues");
	if (fact_of(s->t, "num-entries"))
		add_case(s, case_start_again, NULL, "start.again");
}
