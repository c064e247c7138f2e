/* SPDX-License-Identifier: MIT */
/*
 * Helpers behind iou_test.h. Files are removed at exit; a loop device is
 * detached by the kernel when its last user closes it, whatever happens to
 * the test.
 */
#include "tests/io_uring/iou_test.h"

#include <stdarg.h>

#include "tests/loop_device.h"

#define FILES_MAX 8

static char paths[FILES_MAX][256];
static int nr_paths;

static void remove_files(void)
{
	for (int i = 0; i < nr_paths; i++)
		unlink(paths[i]);
}

const char *temp_file(uint64_t size)
{
	const char *dir = getenv("SLUICE_BUILD");
	char *path = paths[nr_paths];
	int fd;

	check(nr_paths < FILES_MAX);
	snprintf(path, sizeof(paths[0]), "%s/io_uring-test-XXXXXX",
		 dir ? dir : "/var/tmp");
	fd = mkstemp(path);
	check(fd >= 0);
	check_int(fchmod(fd, 0644), 0);
	if (nr_paths++ == 0)
		atexit(remove_files);
	check_int(ftruncate(fd, (off_t)size), 0);
	close(fd);
	return path;
}

const char *temp_loop(uint64_t size, const char **backing)
{
	static char path[32];
	const char *file = temp_file(size);
	int fd = open(file, O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	/* the device's fd stays open: it is what keeps it attached */
	if (loop_attach(fd, path, sizeof(path)) < 0)
		check_skip("can't attach a loop device (needs root)");
	close(fd);
	if (backing)
		*backing = file;
	return path;
}

const char *temp_disk(int argc, char **argv, uint64_t size)
{
	check_int(argc, 2);
	if (strcmp(argv[1], "loop") == 0)
		return temp_loop(size, NULL);
	check_str(argv[1], "file");
	return temp_file(size);
}

/* "name=value" */
static void set(struct blkio *b, const char *setting)
{
	size_t len = strcspn(setting, "=");
	bool late = strncmp(setting, "num-", 4) == 0;
	char name[64];

	check(len < sizeof(name) && setting[len] == '=');
	memcpy(name, setting, len);
	name[len] = '\0';
	if (late) /* settable once connected */
		check_ok(blkio_connect(b));
	check_ok(blkio_set_str(b, name, setting + len + 1));
}

struct blkio *open_disk(const char *path, ...)
{
	const char *setting = getenv("TEST_DISK");
	struct blkio *b;
	va_list args;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_str(b, "path", path));
	if (setting)
		set(b, setting);
	va_start(args, path);
	while ((setting = va_arg(args, const char *)))
		set(b, setting);
	va_end(args);
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	return b;
}

struct blkioq *queue_of(struct blkio *b)
{
	struct blkioq *q = blkio_get_queue(b, 0);

	check(q != NULL);
	return q;
}

struct blkio_completion next_completion(struct blkioq *q)
{
	struct blkio_completion c;

	check_int(blkioq_do_io(q, &c, 1, 1, NULL), 1);
	return c;
}

int next_ret(struct blkioq *q)
{
	return next_completion(q).ret;
}

int do_read(struct blkioq *q, uint64_t start, void *buf, size_t len)
{
	blkioq_read(q, start, buf, len, NULL, 0);
	return next_ret(q);
}

int do_write(struct blkioq *q, uint64_t start, const void *buf, size_t len,
	     uint32_t flags)
{
	blkioq_write(q, start, buf, len, NULL, flags);
	return next_ret(q);
}

int do_write_zeroes(struct blkioq *q, uint64_t start, uint64_t len,
		    uint32_t flags)
{
	blkioq_write_zeroes(q, start, len, NULL, flags);
	return next_ret(q);
}

int do_discard(struct blkioq *q, uint64_t start, uint64_t len)
{
	blkioq_discard(q, start, len, NULL, 0);
	return next_ret(q);
}

int do_flush(struct blkioq *q)
{
	blkioq_flush(q, NULL, 0);
	return next_ret(q);
}

int do_block_status(struct blkioq *q, uint64_t start, uint64_t len,
		    struct blkio_extent *extents, uint32_t max)
{
	blkioq_block_status(q, start, len, extents, max, NULL, 0);
	return next_ret(q);
}

uint64_t capacity_of(struct blkio *b)
{
	uint64_t capacity;

	check_ok(blkio_get_uint64(b, "capacity", &capacity));
	return capacity;
}

void *buffer(size_t len)
{
	void *buf;

	check_int(posix_memalign(&buf, 4096, len), 0);
	return memset(buf, 0, len);
}

static uint8_t pattern_byte(uint64_t offset)
{
	return (uint8_t)(1 + offset % 251 + offset / 4096 % 5);
}

void fill_pattern(void *buf, uint64_t start, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = pattern_byte(start + i);
}

bool has_pattern(const void *buf, uint64_t start, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const uint8_t *)buf)[i] != pattern_byte(start + i))
			return false;
	return true;
}

bool all_zero(const void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const uint8_t *)buf)[i] != 0)
			return false;
	return true;
}

uint64_t allocated(const char *path)
{
	struct stat st;

	check_int(stat(path, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

uint64_t size_of(const char *path)
{
	struct stat st;

	check_int(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

bool readable(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int ret;

	do
		ret = poll(&pfd, 1, timeout_ms);
	while (ret < 0 && errno == EINTR);
	return ret == 1;
}

uint64_t drain_fd(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}
