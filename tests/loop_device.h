/* SPDX-License-Identifier: MIT */
/*
 * Loop devices that go away by themselves: the kernel detaches one when its
 * last user closes it, whatever happens to the test.
 */
#ifndef TESTS_LOOP_DEVICE_H
#define TESTS_LOOP_DEVICE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Attach to a free device: others may take it first. */
static inline int loop_try_attach(int control, int file, char *path,
				  size_t size)
{
	const struct loop_config config = {
		.fd = (uint32_t)file,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};

	for (int tries = 0; tries < 100; tries++) {
		int nr = ioctl(control, LOOP_CTL_GET_FREE), fd;

		if (nr < 0)
			return -1;
		snprintf(path, size, "/dev/loop%d", nr);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
		if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
			return fd;
		close(fd);
		if (errno != EBUSY)
			return -1;
	}
	return -1;
}

/* A loop device over the open file; its path is stored. Returns the fd that
 * keeps it attached, or -1 where there are none. */
static inline int loop_attach(int file, char *path, size_t size)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd;

	if (control < 0)
		return -1;
	fd = loop_try_attach(control, file, path, size);
	close(control);
	return fd;
}

#endif
