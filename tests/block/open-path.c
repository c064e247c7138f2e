/* SPDX-License-Identifier: MIT */
/* A file that can't be opened is refused by name; path and filename mean the
 * same, and one of them, or an fd, must be there. */
#include <unistd.h>

#include "tests/block/node_test.h"

static void refused(const char *text, int errnum, const char *why)
{
	struct err err = ERR_INIT;
	struct node *node;

	check_int(try_open(text, &node, &err), -errnum);
	check(!node);
	check_contains(err.text, why);
}

static void opens(const char *format, const char *path)
{
	char text[200];

	snprintf(text, sizeof(text), format, path);
	close_disk(open_disk(text));
}

/* qemu-user passes no io_uring on */
static void need_io_uring(char *path)
{
	struct err err = ERR_INIT;
	struct node *node;

	if (try_open(path, &node, &err) == -ENOSYS) {
		unlink(path);
		check_skip(err.text);
	}
	close_disk(node);
}

int main(void)
{
	char path[] = "/tmp/open-path.XXXXXX";
	int fd = mkstemp(path);

	check(fd >= 0);
	test_begin();
	need_io_uring(path);
	refused("driver=io_uring", EINVAL, "missing 'path' option");
	refused("driver=io_uring,path=/a,filename=/b", EINVAL, "'filename'");
	refused("driver=io_uring,path=/a,direct=on,cache.direct=off", EINVAL,
		"'direct'");
	refused("driver=io_uring,path=/", EISDIR, "/");
	refused("/nonexistent", ENOENT, "/nonexistent");
	refused("driver=io_uring,fd=1000000", EBADF, "1000000");
	opens("%s", path);
	opens("driver=io_uring,path=%s", path);
	opens("{\"driver\":\"io_uring\",\"filename\":\"%s\"}", path);
	test_end();
	unlink(path);
	close(fd);
	return 0;
}
