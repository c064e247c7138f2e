/* SPDX-License-Identifier: MIT */
/*
 * Image files: creation. Formats other than raw are not sluice's trade.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "block/node.h"

int image_create(const char *path, uint64_t bytes, mode_t mode, bool exclusive,
		 struct err *err)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC;
	int fd, ret = 0;

	fd = open(path, flags | (exclusive ? O_EXCL : O_TRUNC), mode);
	if (fd < 0)
		return err_sys(err, errno, "create '%s'", path);
	if (bytes > INT64_MAX || ftruncate(fd, (off_t)bytes) < 0) {
		ret = err_sys(err, bytes > INT64_MAX ? EFBIG : errno,
			      "set the size of '%s' to %llu", path,
			      (unsigned long long)bytes);
		if (exclusive)
			unlink(path);
	}
	close(fd);
	return ret;
}
