/* SPDX-License-Identifier: MIT */
/*
 * Wherever the process runs out of fds, connect or start fail with EMFILE,
 * leave none open, and work once there are more.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/resource.h>

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 100; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void set_limit(rlim_t fds)
{
	struct rlimit limit;

	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = fds;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* false when the limit was met */
static bool try(const char *path, int before, int limit)
{
	struct blkio_extent e;
	struct blkio *b;
	int ret;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_str(b, "path", path));
	set_limit((rlim_t)limit);
	ret = blkio_connect(b);
	if (ret == 0)
		ret = blkio_start(b);
	else
		check_int(count_fds(), before);
	if (ret < 0) {
		check_int(ret, -EMFILE);
		set_limit(100);
		check_ok(blkio_connect(b));
		check_ok(blkio_start(b));
	}
	check_int(do_block_status(queue_of(b), 0, MIB, &e, 1), 1);
	blkio_destroy(&b);
	set_limit(100);
	check_int(count_fds(), before);
	return ret == 0;
}

int main(void)
{
	const char *path = temp_file(MIB);
	int before, limit, highest = 0;

	set_limit(100);
	before = count_fds();
	for (int fd = 0; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			highest = fd;
	for (limit = highest + 1; !try(path, before, limit); limit++)
		check(limit < highest + 20);
	/* disk, ring, eventfds: some tries must have failed */
	check(limit >= before + 3);
	return 0;
}
