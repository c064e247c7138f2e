/* SPDX-License-Identifier: MIT */
/*
 * What can't be opened is refused with the system's errno and a text that
 * names it; the instance is as before and connects to something better.
 */
#include "tests/io_uring/iou_test.h"

static void check_error(struct blkio *b, const char *path, int ret,
			const char *text)
{
	char *shown;
	int fd;

	check_ok(blkio_set_str(b, "path", path));
	check_int(blkio_connect(b), ret);
	check_contains(blkio_get_error_msg(), text);
	check_ok(blkio_get_str(b, "path", &shown));
	check_str(shown, path);
	free(shown);
	check_ok(blkio_get_int(b, "fd", &fd));
	check_int(fd, -1);
	check_int(blkio_start(b), -ENODEV);
}

int main(void)
{
	const char *good = temp_file(4096), *closed = temp_file(4096);
	struct blkio *b;
	char fifo[300];
	bool flag;

	check_ok(blkio_create("io_uring", &b));
	check_int(blkio_connect(b), -EINVAL);
	check_str(blkio_get_error_msg(), "One of path and fd must be set");
	check_error(b, "/nowhere/at/all", -ENOENT, "/nowhere/at/all");
	check_error(b, "/dev", -EISDIR, "/dev");
	check_error(b, "/dev/null", -EINVAL,
		    "must be a block device or a regular file");
	check_ok(blkio_set_bool(b, "read-only", true));
	check_error(b, "/dev", -EINVAL,
		    "must be a block device or a regular file");
	check_ok(blkio_get_bool(b, "read-only", &flag));
	check(flag);
	check_ok(blkio_set_bool(b, "read-only", false));

	/* must not wait for a writer */
	snprintf(fifo, sizeof(fifo), "%s.fifo", good);
	check_int(mkfifo(fifo, 0600), 0);
	check_ok(blkio_set_bool(b, "read-only", true));
	check_error(b, fifo, -EINVAL,
		    "must be a block device or a regular file");
	check_ok(blkio_set_bool(b, "read-only", false));
	unlink(fifo);

	check_int(chmod(closed, 0), 0);
	if (access(closed, R_OK) < 0)
		check_error(b, closed, -EACCES, closed);
	check_ok(blkio_set_str(b, "path", ""));
	check_int(blkio_connect(b), -EINVAL);
	check_ok(blkio_set_str(b, "path", good));
	check_ok(blkio_connect(b));
	check_ok(blkio_connect(b));
	check_ok(blkio_start(b));
	blkio_destroy(&b);
	return 0;
}
