/* SPDX-License-Identifier: MIT */
/*
 * An instance of the driver on a disk that qemu-storage-daemon serves, in a
 * directory of its own.
 */
#ifndef TESTS_DAEMON_TEST_H
#define TESTS_DAEMON_TEST_H

#include "tests/libblkio/blkio_test.h"
#include "tests/storage_daemon.h"

#define DISK_BYTES (1 << 20)
#define BLOCK 4096

struct disk {
	const char *props; /* the driver's, from the start; or NULL */
	int queue_size;	   /* 0: default */
	char dir[PATH_MAX];
	pid_t server;
	bool poll;
	struct blkio *b;
	struct blkioq *q;
	struct blkio_mem_region r; /* DISK_BYTES */
};

static inline void disk_unlink(const struct disk *d, const char *name)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	unlink(path);
}

static inline void disk_serve(struct disk *d)
{
	const char *base = getenv("SLUICE_BUILD");
	char file[PATH_MAX + 16];
	int fd;

	if (!storage_daemon_installed())
		check_skip("no " STORAGE_DAEMON " here");
	snprintf(d->dir, sizeof(d->dir), "%s/vhost-user-XXXXXX",
		 base ? base : "/var/tmp");
	check(mkdtemp(d->dir));
	snprintf(file, sizeof(file), "%s/disk", d->dir);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0);
	check_int(ftruncate(fd, DISK_BYTES), 0);
	close(fd);
	d->server = storage_daemon_start(file, d->dir);
}

/* After it was killed: another server of the same, in the same place. */
static inline void disk_serve_again(struct disk *d)
{
	char file[PATH_MAX + 16];

	check_int(waitpid(d->server, NULL, 0), d->server);
	disk_unlink(d, "socket");
	disk_unlink(d, "pid");
	snprintf(file, sizeof(file), "%s/disk", d->dir);
	d->server = storage_daemon_start(file, d->dir);
}

/* For one queue, of either kind. */
static inline void disk_connect(struct disk *d, bool poll)
{
	char path[PATH_MAX + 16];

	disk_serve(d);
	snprintf(path, sizeof(path), "%s/socket", d->dir);
	check_ok(blkio_create("virtio-blk-vhost-user", &d->b));
	check_ok(blkio_set_str(d->b, "path", path));
	test_set(d->b, d->props ? d->props : "");
	check_ok(blkio_connect(d->b));
	check_ok(blkio_set_int(d->b, "num-queues", !poll));
	check_ok(blkio_set_int(d->b, "num-poll-queues", poll));
	if (d->queue_size > 0)
		check_ok(blkio_set_int(d->b, "queue-size", d->queue_size));
	d->poll = poll;
}

/* With a mapped region. */
static inline void disk_go(struct disk *d)
{
	check_ok(blkio_start(d->b));
	d->q = d->poll ? blkio_get_poll_queue(d->b, 0)
		       : blkio_get_queue(d->b, 0);
	check(d->q);
	check_ok(blkio_alloc_mem_region(d->b, &d->r, DISK_BYTES));
	check_ok(blkio_map_mem_region(d->b, &d->r));
}

static inline void disk_start(struct disk *d, bool poll)
{
	disk_connect(d, poll);
	disk_go(d);
}

/* Any thread. */
static inline void disk_kill(struct disk *d)
{
	check_int(kill(d->server, SIGKILL), 0);
}

static inline void disk_end(struct disk *d)
{
	blkio_destroy(&d->b);
	disk_kill(d);
	check_int(waitpid(d->server, NULL, 0), d->server);
	disk_unlink(d, "disk");
	disk_unlink(d, "socket");
	disk_unlink(d, "pid");
	rmdir(d->dir);
}

#endif
