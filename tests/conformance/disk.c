/* SPDX-License-Identifier: MIT */
/*
 * The disk of a case: a file, or a loop device on one. It is full of a
 * pattern, no holes: a file system may answer for a hole without looking at
 * the alignment of an O_DIRECT request.
 */
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/conformance/conformance.h"
#include "tests/loop_device.h"

void pattern_fill(void *buf, uint64_t start, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t at = start + i;

		((uint8_t *)buf)[i] = (uint8_t)(1 + at % 251 + at / 512 % 5);
	}
}

const char *disk_file(const struct target *t)
{
	static char path[PATH_MAX];
	void *data;
	int fd;

	if (*path)
		return path;
	snprintf(path, sizeof(path), "%s/disk", t->dir);
	data = malloc(DISK_BYTES);
	check(data);
	pattern_fill(data, 0, DISK_BYTES);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	check(fd >= 0);
	check_int(write(fd, data, DISK_BYTES), DISK_BYTES);
	free(data);
	close(fd);
	return path;
}

static const char *loop_path(const struct target *t)
{
	static char path[32];
	int file;

	if (*path)
		return path;
	file = open(disk_file(t), O_RDWR | O_CLOEXEC);
	check(file >= 0);
	/* stays open: it is what keeps the device attached */
	check(loop_attach(file, path, sizeof(path)) >= 0);
	close(file);
	return path;
}

const char *disk_path(const struct target *t)
{
	if (t->kind == LOOP_DISK)
		return loop_path(t);
	return t->kind == VHOST_USER_DISK ? server_path(t) : disk_file(t);
}

bool loop_devices_work(const char *dir)
{
	char path[PATH_MAX], device[32];
	int file, fd;

	snprintf(path, sizeof(path), "%s/disk", dir);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(file >= 0);
	check_int(ftruncate(file, DISK_BYTES), 0);
	fd = loop_attach(file, device, sizeof(device));
	close(file);
	close(fd);
	unlink(path);
	return fd >= 0;
}

static bool read_word(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	bool found;

	if (!f)
		return false;
	found = fgets(text, (int)size, f) != NULL;
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return found;
}

bool disk_attribute(const struct target *t, const char *name, char *text,
		    size_t size)
{
	char path[128];
	struct stat st;
	dev_t dev;

	check_int(stat(disk_path(t), &st), 0);
	dev = t->kind == LOOP_DISK ? st.st_rdev : st.st_dev;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev),
		 minor(dev), name);
	if (read_word(path, text, size))
		return true;
	/* a partition's queue is its disk's */
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../%s", major(dev),
		 minor(dev), name);
	return read_word(path, text, size);
}
