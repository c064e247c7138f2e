/* SPDX-License-Identifier: MIT */
/*
 * Behind life.h. attempt() makes a call with faults on; step() makes one that
 * may fail once, and then has to succeed.
 */
#include "tests/io_uring/life.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "tests/io_uring/iou_test.h"

#define IO_BYTES (16 * KIB)
#define REGIONS 10
#define WAIT_S 20 /* no request takes that long */
#define REQUESTS_MAX 32

static const struct life_faults *faults;
static const char *disk;
static char *const *settings;
static bool told;

/* ---- steps ---- */

#define attempt(call)                      \
	({                                 \
		faults->on();              \
		__auto_type ret_ = (call); \
		faults->off();             \
		ret_;                      \
	})

#define attempt_void(call)     \
	do {                   \
		faults->on();  \
		(call);        \
		faults->off(); \
	} while (0)

/* A call or request says that it failed: with reason, once, and saying why */
static void tell(const char *what, int ret, const char *text)
{
	if (faults->hit() && !told && *text) {
		told = true;
		return;
	}
	fprintf(stderr, "%s: %d \"%s\": %s\n", what, ret, text,
		!*text		? "no text"
		: told		? "not the first failure"
		: faults->hit() ? ""
				: "nothing was made to fail");
	exit(1);
}

#define tell_api(what, ret) tell(what, ret, blkio_get_error_msg())

#define step(call)                              \
	({                                      \
		int step_ = attempt(call);      \
		if (step_ < 0) {                \
			tell_api(#call, step_); \
			step_ = attempt(call);  \
			check_ok(step_);        \
		}                               \
		step_;                          \
	})

/* ---- create to start ---- */

static struct blkio *create(void)
{
	struct blkio *b = (struct blkio *)"to be overwritten";
	int ret = attempt(blkio_create("io_uring", &b));

	if (ret < 0) {
		tell_api("create", ret);
		check(!b);
		check_ok(attempt(blkio_create("io_uring", &b)));
	}
	for (int i = 0; settings[i]; i++) {
		char name[64];
		size_t len = strcspn(settings[i], "=");

		check(len < sizeof(name));
		memcpy(name, settings[i], len);
		name[len] = '\0';
		step(blkio_set_str(b, name, settings[i] + len + 1));
	}
	return b;
}

/* All properties, as they can be read now; to be freed. */
static char *facts(struct blkio *b)
{
	struct blkio_property props[100];
	int n = blkio_list_properties(b, props, ARRAY_SIZE(props));
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	check(f && n <= (int)ARRAY_SIZE(props));
	for (int i = 0; i < n; i++) {
		char *value;
		int ret = blkio_get_str(b, props[i].name, &value);

		fprintf(f, "%s: %d %s\n", props[i].name, ret,
			value ? value : "");
		free(value);
	}
	fclose(f);
	return text;
}

/* Takes old. */
static void check_unchanged(struct blkio *b, char *old)
{
	char *now = facts(b);

	check_str(now, old);
	free(now);
	free(old);
}

/* fd: the one that was set, or -1 */
static void connect_device(struct blkio *b, int fd)
{
	char *before = facts(b);
	int ret = attempt(blkio_connect(b)), flags = fcntl(fd, F_GETFL);
	int now;

	if (ret < 0) {
		tell_api("connect", ret);
		check_unchanged(b, before);
		check(fd < 0 || flags >= 0);
		check_ok(attempt(blkio_connect(b)));
	} else {
		free(before);
	}
	check_ok(blkio_get_int(b, "fd", &now));
	check(fd < 0 ? now >= 0 : now == fd);
}

static struct blkio *connect_path(void)
{
	struct blkio *b = create();

	step(blkio_set_str(b, "path", disk));
	connect_device(b, -1);
	return b;
}

static void start_device(struct blkio *b, int nr_queues)
{
	char *before = facts(b);
	int ret = attempt(blkio_start(b));

	if (ret < 0) {
		tell_api("start", ret);
		check(!blkio_get_queue(b, 0));
		check_unchanged(b, before);
		/* settable when connected, and only then */
		check_ok(blkio_set_int(b, "num-queues", nr_queues));
		check_ok(attempt(blkio_start(b)));
	} else {
		free(before);
	}
	for (int i = 0; i < nr_queues; i++)
		check(blkio_get_queue(b, i));
	check(!blkio_get_queue(b, nr_queues));
}

static struct blkio *start(int nr_queues)
{
	struct blkio *b = connect_path();

	step(blkio_set_int(b, "num-queues", nr_queues));
	/* few: there is a backlog, too */
	step(blkio_set_int(b, "num-entries", 2));
	start_device(b, nr_queues);
	return b;
}

static void destroy(struct blkio *b)
{
	attempt_void(blkio_destroy(&b));
	check(!b);
}

/* ---- requests ---- */

static char *buf; /* IO_BYTES for each request */
static unsigned nr_submitted;
static bool any_failed; /* of the requests waited for */

static char *buf_of(unsigned i)
{
	return buf + (size_t)i * IO_BYTES;
}

static void submit_read(struct blkioq *q, uint64_t start)
{
	char *to = buf_of(nr_submitted);

	memset(to, 0xee, IO_BYTES);
	blkioq_read(q, start, to, IO_BYTES, (void *)(uintptr_t)nr_submitted++,
		    0);
}

static void submit_write(struct blkioq *q, uint64_t start, uint32_t flags)
{
	char *from = buf_of(nr_submitted);

	fill_pattern(from, start, IO_BYTES);
	blkioq_write(q, start, from, IO_BYTES,
		     (void *)(uintptr_t)nr_submitted++, flags);
}

/* In three segments, of which two are none of our buffer's alignment. */
static void submit_vector(struct blkioq *q, bool write, uint64_t start,
			  struct iovec iov[3])
{
	char *at = buf_of(nr_submitted);
	const size_t lens[] = {4096, 8192, IO_BYTES - 4096 - 8192};

	if (write)
		fill_pattern(at, start, IO_BYTES);
	for (int i = 0; i < 3; i++) {
		iov[i] = (struct iovec){at, lens[i]};
		at += lens[i];
	}
	if (write)
		blkioq_writev(q, start, iov, 3,
			      (void *)(uintptr_t)nr_submitted++, 0);
	else
		blkioq_readv(q, start, iov, 3,
			     (void *)(uintptr_t)nr_submitted++, 0);
}

/* Fetch one batch, by whatever call is made. */
static int take(struct blkio_completion *c, int n, uint32_t *seen)
{
	for (int i = 0; i < n; i++) {
		uint32_t bit = 1u << (uintptr_t)c[i].user_data;

		check((uintptr_t)c[i].user_data < nr_submitted);
		check(!(*seen & bit));
		*seen |= bit;
		if (c[i].ret >= 0)
			continue;
		any_failed = true;
		tell("request", c[i].ret,
		     c[i].error_msg ? c[i].error_msg : strerror(-c[i].ret));
	}
	return n;
}

/* What do_io deals with by itself, as long as there is time. */
static bool retried(int ret)
{
	return ret == -EAGAIN || ret == -EBUSY || ret == -EINTR ||
	       ret == -ETIME;
}

/* Until all that was submitted has completed, each once. */
static void wait_all(struct blkioq *q)
{
	struct blkio_completion c[REQUESTS_MAX];
	uint32_t seen = 0;
	int left = (int)nr_submitted;

	any_failed = false;
	while (left > 0) {
		struct timespec timeout = {.tv_sec = WAIT_S};
		int ret = attempt(blkioq_do_io(q, c, left, left, &timeout));

		check(!retried(ret));
		if (ret < 0)
			tell_api("do_io", ret);
		else
			left -= take(c, ret, &seen);
	}
	nr_submitted = 0;
}

/* Write, write zeroes and read back what is there then. */
static void check_data(struct blkioq *q)
{
	struct iovec iov[2][3];
	bool written;

	faults->on();
	submit_write(q, 0, 0);
	submit_write(q, IO_BYTES, BLKIO_REQ_FUA);
	submit_vector(q, true, 2 * IO_BYTES, iov[0]);
	blkioq_write_zeroes(q, 3 * IO_BYTES, IO_BYTES,
			    (void *)(uintptr_t)nr_submitted++, 0);
	blkioq_write_zeroes(q, 4 * IO_BYTES, IO_BYTES,
			    (void *)(uintptr_t)nr_submitted++,
			    BLKIO_REQ_NO_UNMAP | BLKIO_REQ_FUA);
	faults->off();
	wait_all(q);
	written = !any_failed;

	faults->on();
	blkioq_flush(q, (void *)(uintptr_t)nr_submitted++, 0);
	for (int i = 0; i < 5; i++)
		submit_read(q, (uint64_t)i * IO_BYTES);
	submit_vector(q, false, 2 * IO_BYTES, iov[1]);
	faults->off();
	wait_all(q);
	if (!written || any_failed)
		return;
	for (unsigned i = 0; i < 3; i++)
		check(has_pattern(buf_of(i + 1), i * IO_BYTES, IO_BYTES));
	check(all_zero(buf_of(4), 2 * IO_BYTES));
	check(has_pattern(buf_of(6), 2 * IO_BYTES, IO_BYTES));
}

/* What may go to a worker thread. */
static void check_others(struct blkioq *q)
{
	struct blkio_extent extents[4];

	faults->on();
	blkioq_block_status(q, 0, LIFE_BYTES, extents, ARRAY_SIZE(extents),
			    (void *)(uintptr_t)nr_submitted++, 0);
	blkioq_discard(q, 8 * IO_BYTES, IO_BYTES,
		       (void *)(uintptr_t)nr_submitted++, 0);
	submit_read(q, 0);
	faults->off();
	wait_all(q);
}

static void on_signal(int nr)
{
}

/* Time and signals; what is not complete then is waited for afterwards. */
static void check_waits(struct blkioq *q)
{
	struct blkio_completion c[REQUESTS_MAX];
	struct timespec none = {0}, timeout = {.tv_sec = WAIT_S};
	sigset_t usr1, mask;
	uint32_t seen = 0;
	int ret, left;

	faults->on();
	for (int i = 0; i < 6; i++)
		submit_read(q, (uint64_t)i * IO_BYTES);
	faults->off();
	left = (int)nr_submitted;
	step(blkioq_do_io(q, NULL, 0, 0, NULL));
	ret = attempt(blkioq_do_io(q, c, 1, 1, &none));
	check(ret == -ETIME || !retried(ret));
	if (ret < 0 && ret != -ETIME)
		tell_api("do_io", ret);
	left -= take(c, MAX(ret, 0), &seen);

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &mask);
	raise(SIGUSR1);
	ret = attempt(
		blkioq_do_io_interruptible(q, c, left, left, &timeout, &mask));
	/* while the signal is pending, that is a result of its own */
	check(ret == -EINTR || !retried(ret));
	if (ret < 0 && ret != -EINTR)
		tell_api("do_io_interruptible", ret);
	left -= take(c, MAX(ret, 0), &seen);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	while (left > 0) {
		ret = attempt(blkioq_do_io(q, c, left, left, &timeout));
		check(!retried(ret));
		if (ret < 0)
			tell_api("do_io", ret);
		left -= take(c, MAX(ret, 0), &seen);
	}
	nr_submitted = 0;
}

static void read_through(struct blkioq *q)
{
	faults->on();
	submit_read(q, 0);
	faults->off();
	wait_all(q);
}

/* ---- the parts ---- */

static void check_properties(struct blkio *b)
{
	struct blkio_status status;
	uint64_t capacity;
	char *text = NULL;
	bool can_grow;

	step(blkio_get_uint64(b, "capacity", &capacity));
	check(capacity >= LIFE_BYTES);
	step(blkio_get_str(b, "capacity", &text));
	free(text);
	step(blkio_get_str(b, "driver", &text));
	check_str(text, "io_uring");
	free(text);
	step(blkio_get_status(b, &status));
	check_int(status.capacity, capacity);
	step(blkio_get_event_fd(b));
	step(blkio_get_bool(b, "can-grow", &can_grow));
	if (can_grow)
		step(blkio_resize(b, capacity));
}

static void by_path(void)
{
	struct blkio *b = connect_path();
	char *text;

	step(blkio_get_str(b, "path", &text));
	check_str(text, disk);
	free(text);
	check_properties(b);
	destroy(b);
	/* never connected */
	b = create();
	step(blkio_set_str(b, "path", "elsewhere"));
	destroy(b);
}

static void by_fd(void)
{
	struct blkio *b = create();
	int fd = open(disk, O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	step(blkio_set_int(b, "fd", fd));
	connect_device(b, fd);
	check_properties(b);
	destroy(b);
	check_int(fcntl(fd, F_GETFD), -1);
}

/* On a disk that polls. */
static void poll_queue(struct blkio *b)
{
	check_int(step(blkio_add_poll_queue(b)), 0);
	read_through(blkio_get_poll_queue(b, 0));
	check_int(attempt(blkio_remove_queue(b, 0)), 0);
}

static void queues(void)
{
	struct blkio *b = start(2);
	bool polls;
	int index;

	index = attempt(blkio_add_queue(b));
	if (index < 0) {
		tell_api("add_queue", index);
		check(!blkio_get_queue(b, 2));
		index = attempt(blkio_add_queue(b));
	}
	check_int(index, 2);
	check_int(attempt(blkio_remove_queue(b, 1)), 0);
	check_int(step(blkio_add_queue(b)), 1);
	step(blkioq_reserve(blkio_get_queue(b, 1), 200));
	attempt_void(
		blkioq_set_completion_fd_enabled(blkio_get_queue(b, 1), false));
	for (int i = 0; i < 3; i++)
		read_through(blkio_get_queue(b, i));
	check_ok(blkio_get_bool(b, "supports-poll-queues", &polls));
	if (polls)
		poll_queue(b);
	destroy(b);
}

static void requests(void)
{
	struct blkio *b = start(1);
	struct blkioq *q = blkio_get_queue(b, 0);

	check_data(q);
	check_others(q);
	check_waits(q);
	destroy(b);
}

/* Queues that go while the kernel, or a worker, has requests. */
static void in_flight(void)
{
	struct blkio *b = start(1);
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_extent extent;

	faults->on();
	for (int i = 0; i < 5; i++)
		submit_read(q, (uint64_t)i * IO_BYTES);
	blkioq_block_status(q, 0, LIFE_BYTES, &extent, 1, NULL, 0);
	faults->off();
	step(blkioq_do_io(q, NULL, 0, 0, NULL));
	destroy(b);
	nr_submitted = 0;
}

static void check_region(struct blkioq *q, const struct blkio_mem_region *r)
{
	char *own = buf;

	buf = r->addr;
	check_data(q);
	buf = own;
}

static void regions(void)
{
	struct blkio *b = start(1);
	struct blkioq *q = blkio_get_queue(b, 0);
	struct blkio_mem_region r[REGIONS],
		whole = {
			.addr = buf,
			.len = REQUESTS_MAX * IO_BYTES,
			.fd = -1,
		};

	for (int i = 0; i < REGIONS; i++) {
		step(blkio_alloc_mem_region(b, &r[i], 8 * IO_BYTES));
		step(blkio_map_mem_region(b, &r[i]));
	}
	step(blkio_map_mem_region(b, &whole));
	check_region(q, &r[5]);
	attempt_void(blkio_unmap_mem_region(b, &r[5]));
	attempt_void(blkio_free_mem_region(b, &r[5]));
	attempt_void(blkio_free_mem_region(b, &r[6])); /* mapped */
	check_region(q, &r[7]);
	attempt_void(blkio_unmap_mem_region(b, &whole));
	read_through(q);
	destroy(b);
}

static const struct {
	const char *name;
	void (*live)(void);
} parts[] = {
	{"path", by_path},	  {"fd", by_fd},
	{"queues", queues},	  {"requests", requests},
	{"in-flight", in_flight}, {"regions", regions},
};

/* ---- one life ---- */

static int nr_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	check(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Mappings of rings and memory regions, which no sanitizer knows of. */
static int nr_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	int n = 0;

	check(maps);
	while (fgets(line, sizeof(line), maps))
		n += strstr(line, "[io_uring]") || strstr(line, "libblkio-buf");
	fclose(maps);
	return n;
}

bool life_run(const struct life_faults *life_faults, const char *part,
	      const char *life_disk, char *const *life_settings)
{
	int nr_fds = nr_open_fds();
	size_t i = 0;

	faults = life_faults;
	disk = life_disk;
	settings = life_settings;
	told = false;
	signal(SIGUSR1, on_signal);
	buf = buffer(REQUESTS_MAX * IO_BYTES);
	while (i < ARRAY_SIZE(parts) && strcmp(parts[i].name, part) != 0)
		i++;
	check(i < ARRAY_SIZE(parts));
	parts[i].live();
	free(buf);
	check_int(nr_open_fds(), nr_fds);
	check_int(nr_mappings(), 0);
	return told;
}
