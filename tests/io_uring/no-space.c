/* SPDX-License-Identifier: MIT */
/*
 * A full file system is told as ENOSPC, for writes and for zeroes that keep
 * their space, and the queue goes on working.
 */
#include "tests/io_uring/iou_test.h"

#include <sched.h>
#include <sys/mount.h>

int main(void)
{
	const char *dir = getenv("SLUICE_BUILD") ? getenv("SLUICE_BUILD") :
						   "/var/tmp";
	char *buf = buffer(2 * MIB);
	char path[300];
	struct blkio *b;
	struct blkioq *q;
	int fd;

	/* seen by this process alone, gone with it */
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tiny", dir, "tmpfs", 0, "size=1M") < 0)
		check_skip("can't mount a small tmpfs (needs root)");
	snprintf(path, sizeof(path), "%s/disk", dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	check(fd >= 0);
	check_int(ftruncate(fd, 8 * MIB), 0);
	close(fd);

	b = open_disk(path, NULL);
	q = queue_of(b);
	fill_pattern(buf, 0, 2 * MIB);
	check_int(do_write(q, 0, buf, 512 * KIB, 0), 0);
	check_int(do_write(q, 512 * KIB, buf, 2 * MIB, 0), -ENOSPC);
	/* the space is given back by a discard */
	check_int(do_discard(q, 0, 8 * MIB), 0);
	check_int(do_write(q, MIB, buf, 512 * KIB, 0), 0);
	/* tmpfs can't zero a range that keeps its space */
	check_int(do_write_zeroes(q, 0, 4096, BLKIO_REQ_NO_UNMAP), -ENOTSUP);
	check_int(do_write_zeroes(q, MIB, 4096, 0), 0);
	check_int(do_read(q, MIB, buf, 4096), 0);
	check(all_zero(buf, 4096));
	blkio_destroy(&b);
	/* nothing keeps the file system busy once the instance is gone */
	check_int(umount(dir), 0);
	free(buf);
	return 0;
}
